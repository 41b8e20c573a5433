/* check.h - ASSERT: what only we can cause. Kept on in release builds.
 *
 * Place:   preconditions, ranges, invariants; bytes from outside meet results (result.h) first.
 * Errors:  a failed ASSERT ends the program (host: the line on stderr, then abort; wasm: a trap).
 */
#ifndef TICKWIRE_SHARED_CHECK_H
#define TICKWIRE_SHARED_CHECK_H

/* Ends the program. Supplied once per program: by shared/host/check.c, or by the wasm build. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#define ASSERT(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

#endif
