#ifndef BASE_BANNED_H
#define BASE_BANNED_H
/* Included before every file by the compiler's -include: these are errors in our code. Standard headers come first so
   that their own declarations pass. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#undef alloca
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gmtime localtime ctime asctime atoi atol atof system alloca rand srand gets
#endif
