/* result.h - what a function answers when the outside may be at fault.
 *
 * Place:   returned by codecs, sockets, files and parsers; bugs of our own meet ASSERT instead.
 * Memory:  struct error is plain data of the caller's; nothing to release.
 */
#ifndef TICKWIRE_SHARED_RESULT_H
#define TICKWIRE_SHARED_RESULT_H

enum result {
    RESULT_OK = 0,
    RESULT_AGAIN,   /* more bytes, or more room in a socket, are needed first */
    RESULT_INVALID, /* the input breaks a rule of its format */
    RESULT_TOO_BIG, /* the input is larger than a stated limit */
    RESULT_FULL,    /* a bounded queue or pool has no place left */
    RESULT_CLOSED,  /* the peer has ended the stream */
    RESULT_IO,      /* the operating system refused */
    RESULT_COUNT
};

#define ERROR_MESSAGE_BYTES 256

/* Start-up and operator paths also say why, in one sentence that names the file, key or address. */
struct error {
    enum result code;
    char message[ERROR_MESSAGE_BYTES]; /* NUL-terminated UTF-8, no line break */
};

/* Returns the name of `r` in lower case ("ok", "too big"), a string that lives for ever. */
const char *result_name(enum result r);

#endif
