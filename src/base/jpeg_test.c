/* A photograph loses what the camera wrote into it and stays a photograph. */
#include "base/jpeg.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define FRAME "\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"
#define TABLES "\xff\xc4\x00\x14\x00\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00\xff\xc4\x00\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00"
#define SCAN "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\x00\x3f\xff\xd0\x3f"
#define EXIF "\xff\xe1\x00\x10" "Exif\0\0secret33"
#define COMMENT "\xff\xfe\x00\x08" "secret"
#define PLAIN "\xff\xd8" FRAME TABLES SCAN "\xff\xd9"
#define CARRIED "\xff\xd8" EXIF COMMENT FRAME COMMENT TABLES SCAN COMMENT "\xff\xd9" "secret after the end"
#define BYTES(lit) bytes_of(lit, sizeof(lit) - 1)

static struct arena *mem;
static struct err err;

static bool strips_to(struct bytes in, struct bytes wanted)
{
	struct bytes out;
	err = (struct err){ 0 };
	return jpeg_strip(mem, in, &out, &err) == 0 && bytes_eq(out, wanted);
}

static bool refused(struct bytes in)
{
	struct bytes out;
	err = (struct err){ 0 };
	return jpeg_strip(mem, in, &out, &err) < 0 && err.code == ERR_FORMAT;
}

static void what_the_camera_wrote_is_gone(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 24);
	assert_true(strips_to(BYTES(CARRIED), BYTES(PLAIN)));
	assert_true(strips_to(BYTES(PLAIN), BYTES(PLAIN)));
	arena_free(mem);
}

static void cut_off_anywhere_it_is_refused(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 24);
	for (size_t n = 0; n + 1 < sizeof PLAIN - 1; n++)
		if (!refused(bytes_of(PLAIN, n)))
			fail_msg("taken with %zu bytes", n);
	arena_free(mem);
}

static void other_things_are_refused(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 24);
	assert_true(refused(BYTES("\x89PNG\r\n")));
	assert_true(refused(BYTES("<svg onload=x>")));
	assert_true(refused(BYTES("\xff\xd8" SCAN FRAME "\xff\xd9")));                     /* a scan before its frame */
	assert_true(refused(BYTES("\xff\xd8" FRAME FRAME TABLES SCAN "\xff\xd9")));        /* two pictures */
	assert_true(refused(BYTES("\xff\xd8" FRAME TABLES "\xff\xd9")));                   /* none */
	assert_true(refused(BYTES("\xff\xd8" "\xff\xc9\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00" SCAN "\xff\xd9")));       /* arithmetic coding: no camera */
	assert_true(refused(BYTES("\xff\xd8" "\xff\xc0\x00\x0b\x08\xff\xff\x00\x08\x01\x01\x11\x00" TABLES SCAN "\xff\xd9")));       /* 65,535 lines */
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_the_camera_wrote_is_gone), cmocka_unit_test(cut_off_anywhere_it_is_refused), cmocka_unit_test(other_things_are_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
