#ifndef BASE_BASE_H
#define BASE_BASE_H
/* base: what every room stands on. It knows nothing of the domain, of keys or of the network.

   Text and bytes are struct str and struct bytes (str.h) and live in arenas (arena.h); buf.h grows them and reads hostile ones;
   err.h says what went wrong to two readers; source.h injects clock and randomness and makes ids; date.h has dates with precision
   and the child rule; utf8.h and lang.h have what Arabic and Kurdish offices need; json.h is the one glue to jansson and libyaml;
   embed.h finds the files inside the program; log.h writes to the operator. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/embed.h"
#include "base/err.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/log.h"
#include "base/source.h"
#include "base/str.h"
#include "base/utf8.h"
#endif
