# make build | test | model | run | bench | clean. Everything is installed on first use (Debian 12 packages; npm for browser tests only).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
B ?= build
CC := gcc
PKGS := libgfshare libmicrohttpd gnutls jansson yaml-0.1 sqlite3 libsodium libzip expat pangocairo cairo cairo-pdf libqrencode icu-uc icu-i18n libseccomp libcurl xlsxwriter
ROOMS := base crypto store ledger policy record net exchange journey match content report web cmd

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
  -Wwrite-strings -Wcast-qual -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -fno-common -Werror
HARD := -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero -fPIE
LINKHARD := -pie -Wl,-z,relro -Wl,-z,now
SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DSANITIZED
FUZZ := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DSANITIZED -Wno-everything -Wno-error
MODE ?= hard
OPT_hard := $(HARD)
OPT_san := $(SAN)
OPT_fuzz := $(FUZZ)
LINK_hard := $(LINKHARD)
LINK_san := -fsanitize=address,undefined
LINK_fuzz := -fsanitize=fuzzer,address,undefined
CFLAGS := -std=gnu17 -g -D_GNU_SOURCE -Isrc -I$(B)/gen -include base/banned.h $(WARN) $(OPT_$(MODE))
VERSION := $(shell cat VERSION 2>/dev/null || echo 0.1)
# expanded late, so that packages are there when it is asked
PKGCFLAGS = $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
PKGLIBS = $(shell pkg-config --libs $(PKGS)) -lcsv -lm

SRC := $(foreach r,$(ROOMS),$(filter-out %_test.c %_fuzz.c,$(wildcard src/$(r)/*.c)))
OBJ := $(SRC:src/%.c=$(B)/o/%.o) $(B)/gen/embedded.o
LIBOBJ := $(filter-out $(B)/o/cmd/main.o,$(OBJ))
TESTS := $(patsubst src/%_test.c,$(B)/t/%_test,$(foreach r,$(ROOMS),$(wildcard src/$(r)/*_test.c)))
FUZZERS := $(patsubst src/%_fuzz.c,$(B)/f/%_fuzz,$(foreach r,$(ROOMS),$(wildcard src/$(r)/*_fuzz.c)))
MO := $(patsubst po/%.po,$(B)/gen/mo/%.mo,$(wildcard po/*.po))
EMBED_FILES := $(sort $(wildcard types/*.yaml) $(shell find assets data -type f 2>/dev/null))

.PHONY: build test test-long test-unit fuzz fuzzers run bench clean packages model
build: packages $(B)/jisr

packages:
	@tools/packages

$(B)/o/%.o: src/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(PKGCFLAGS) -DVERSION='"$(VERSION)"' -MMD -MP -c $< -o $@

$(B)/gen/mo/%.mo: po/%.po
	@mkdir -p $(@D)
	@msgfmt --check-format -o $@ $<

$(B)/gen/embedded.c: tools/embed $(EMBED_FILES) $(MO)
	@mkdir -p $(@D)
	@tools/embed $@ $(EMBED_FILES) $(foreach m,$(MO),$(m)=po/$(notdir $(m)))

$(B)/gen/embedded.o: $(B)/gen/embedded.c
	@$(CC) -std=gnu17 -Isrc $(OPT_$(MODE)) -c $< -o $@

$(B)/jisr: $(OBJ)
	@$(CC) $(CFLAGS) $(LINK_$(MODE)) $^ $(PKGLIBS) -o $@
	@echo "built $@"

$(B)/libjisr.a: $(LIBOBJ)
	@rm -f $@; ar rcs $@ $^

$(B)/t/%_test: src/%_test.c $(B)/libjisr.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(PKGCFLAGS) $(LINK_$(MODE)) -MMD -MP $< $(B)/libjisr.a $(PKGLIBS) -lcmocka -lz -o $@

test-unit: packages $(TESTS)
	@tools/run-unit $(TESTS)

test: packages
	@tools/packages spin
	@tools/run-tests

$(B)/f/%_fuzz: src/%_fuzz.c $(B)/libjisr.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(PKGCFLAGS) $(LINK_$(MODE)) -MMD -MP $< $(B)/libjisr.a $(PKGLIBS) -o $@

fuzzers: $(FUZZERS)

# every reader of foreign bytes for a minute each (JISR_FUZZ_S), from fuzz/corpus
fuzz:
	@tools/packages clang
	@$(MAKE) --no-print-directory B=build-fuzz MODE=fuzz CC=clang fuzzers
	@tools/run-fuzz build-fuzz/f

# everything, then 200 kills, hundreds of places where a call is cut off, a day's queue of 10,000 messages, hostile bytes
test-long: test $(B)/bench/fill fuzz
	@JISR=$(B)/jisr JISR_KILLS=200 tests/scenario/kills.py
	@JISR=$(B)/jisr JISR_LONG=1 tests/scenario/bad_line.py
	@JISR=$(B)/jisr JISR_LONG=1 tests/scenario/packets.py
	@bench/messages --messages 10000 --partners 1

# every state of the protocol's model, and that it can fail (docs/model)
model:
	@tools/packages spin
	@docs/model/run

run: build
	@$(B)/jisr demo

$(B)/bench/fill: bench/fill.c $(B)/libjisr.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(PKGCFLAGS) $(LINK_$(MODE)) -MMD -MP $< $(B)/libjisr.a $(PKGLIBS) -o $@

bench: build $(B)/bench/fill
	@bench/run

clean:
	rm -rf build build-*

-include $(shell find $(B) -name '*.d' 2>/dev/null)
