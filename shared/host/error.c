#include "shared/host/error.h"

#include <stdarg.h>
#include <stdio.h>

enum result error_set(struct error *error, enum result code, const char *format, ...)
{
    va_list arguments;

    error->code = code;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return code;
}
