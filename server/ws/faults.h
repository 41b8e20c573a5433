/* faults.h - makes the echo of a test build break a rule on demand: `/ws/echo?fault=NAME`.
 *
 * Place:   the only hook is in echo.c; the release has none of this (builds with sanitizers define
 *          TICKWIRE_FAULTS). It proves the conformance runner, which must catch each fault.
 *          A fault is a pump between the peer's socket and the echo that alters frames on their
 *          way, so that nothing else of the server knows of it.
 */
#ifndef TICKWIRE_SERVER_WS_FAULTS_H
#define TICKWIRE_SERVER_WS_FAULTS_H

#include "server/ws/ws_conn.h"

#ifdef TICKWIRE_FAULTS

/* Remembers the fault that the request's query names, if any; RESULT_INVALID if there is none of
 * that name. */
enum result faults_choose(struct ws_conn *ws, const struct http_request *request);

/* Puts the chosen fault, if any, between the peer and `ws`, which has just opened. */
void faults_start(struct ws_conn *ws);

#else

static inline enum result faults_choose(struct ws_conn *ws, const struct http_request *request)
{
    (void)ws, (void)request;
    return RESULT_OK;
}

static inline void faults_start(struct ws_conn *ws)
{
    (void)ws;
}

#endif

#endif
