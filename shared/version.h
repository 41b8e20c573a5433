/* version.h - which Tickwire this is. */
#ifndef TICKWIRE_SHARED_VERSION_H
#define TICKWIRE_SHARED_VERSION_H

#define TICKWIRE_VERSION "0.1.0"

#endif
