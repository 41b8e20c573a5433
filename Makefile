# Makefile - builds, runs and tests Tickwire. One file, not recursive: where it calls itself, it
# builds the same things into another BUILD folder (with sanitizers, say).
#
#   make                 build/tickwire-server -client -bots -netsim -replay -train and build/web/
#   make run             sets up what is missing, builds, starts the server (RUN_ARGS='--workers 2')
#   make play            the native client (PLAY_ARGS='--url wss://HOST/ws/updates')
#   make test            sets up what is missing, builds, runs every test
#   make asan | tsan     the flow tests against a server built with that sanitizer
#   make fuzz            each fuzzer for FUZZ_SECONDS
#   make bench | bench-peers | bench-client | conformance | soak
#   make screenshots     pictures of each screen of the page, into build/screenshots/
#   make wasm | format | install | clean
#
# V=1 shows the commands. BUILD=dir builds there, SANITIZE=address,undefined with sanitizers (into a
# BUILD of its own), CC=clang with clang, GAMES='one two' with these games only: folders of
# shared/games or of tests/bench/worlds, which a build has only if it is told so.
#
# A new source file is found by its place and needs no edit here; see "Sources".

BUILD    ?= build
SANITIZE ?=
GAMES    ?= $(notdir $(patsubst %/,%,$(wildcard shared/games/*/)))
PREFIX   ?= /usr/local
CLANG    ?= clang
SETUP    ?= tools/setup

FUZZ_SECONDS ?= 30
RUN_ARGS     ?=
PLAY_ARGS    ?=

Q := $(if $(V),,@)

ifeq ($(origin CC),default)
CC := gcc
endif

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all run play test build-tests build-fuzzers build-served asan tsan fuzz bench \
        bench-peers bench-client conformance soak screenshots wasm web format install clean FORCE

# ---- Sources -------------------------------------------------------------------------------------

# Named test hooks: in builds with sanitizers, never in a release.
RELEASE_LACKS := $(if $(SANITIZE),,server/ws/faults.c server/ws/fault_pump.c)

GAME_SRC   := $(wildcard shared/games/*.c $(GAMES:%=shared/games/%/*.c) \
                         $(GAMES:%=tests/bench/worlds/%/*.c))
WORLD_SRC  := $(wildcard tests/bench/worlds/*/*.c)
SHARED_SRC := $(wildcard shared/*.c)
VIEW_SRC   := $(wildcard client/view/*.c)
GLUE_SRC   := $(wildcard client/web/*.c)
HOST_SRC   := $(wildcard shared/host/*.c)
SERVER_SRC := $(filter-out $(MAIN_SRC) $(RELEASE_LACKS),$(wildcard server/*.c server/*/*.c))
CLIENT_SRC := $(wildcard client/sdl/*.c)
BOTS_SRC   := $(wildcard tools/bots/*.c)
NETSIM_SRC := $(wildcard tools/netsim/*.c)
REPLAY_SRC := $(wildcard tools/replay/*.c)
TRAIN_SRC  := $(wildcard tools/train/*.c)
MAIN_SRC   := server/main.c
UNIT_SRC   := $(wildcard tests/unit/*.c)
FUZZ_SRC   := $(wildcard tests/fuzz/*.c)
BENCH_SRC  := $(wildcard tests/bench/*.c)
BARE_SRC   := tests/bench/peers/bare.c
FEEL_SRC   := $(wildcard tests/bench/feel/*.c)
VIEW_BENCH_SRC := tests/bench/client/view.c
TESTLIB_SRC := $(wildcard tests/lib/*.c)

# What the tools' own tests take from them.
TOOLS_SRC := $(filter-out %/main.c,$(BOTS_SRC) $(NETSIM_SRC))

# These know no operating system: they see neither GNU extensions nor a C library in the page.
FREESTANDING_SRC := $(SHARED_SRC) $(GAME_SRC) $(VIEW_SRC)
OS_SRC := $(HOST_SRC) $(SERVER_SRC) $(CLIENT_SRC) $(BOTS_SRC) $(NETSIM_SRC) $(REPLAY_SRC) $(TRAIN_SRC) \
          $(MAIN_SRC) $(UNIT_SRC) $(FUZZ_SRC) $(BENCH_SRC) $(BARE_SRC) $(FEEL_SRC) $(VIEW_BENCH_SRC) $(TESTLIB_SRC)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# ---- Flags ---------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla -Wformat=2
INCLUDES := -I. -I$(BUILD)/generated

ifneq (,$(SANITIZE))
MODE    := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
           -DTICKWIRE_FAULTS
LDFLAGS := -fsanitize=$(SANITIZE)
else
# The release hardens itself. clang 14 takes only =pattern, gcc gets the cheaper and kinder =zero.
AUTO_VAR_INIT := $(if $(findstring clang,$(CC)),pattern,zero)
MODE    := -O2 -fPIE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
           -fcf-protection=full -ftrivial-auto-var-init=$(AUTO_VAR_INIT) -fno-strict-overflow
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
endif

CFLAGS := -std=c11 -g $(MODE) $(WARNINGS) $(INCLUDES) -pthread
LDLIBS := -Wl,--as-needed -lssl -lcrypto -lsqlite3 -lcjson -lz -lm -pthread

# Asked for once and only when the client is built: a server needs no SDL and no libcurl.
SDL_PACKAGES := sdl2 SDL2_net SDL2_ttf SDL2_image SDL2_mixer libcurl
SDL_CFLAGS = $(eval SDL_CFLAGS := $(shell pkg-config --cflags $(SDL_PACKAGES) 2>/dev/null))\
             $(or $(SDL_CFLAGS),$(error $(SDL_MISSING)))
SDL_MISSING := The native client needs SDL2, its companions and libcurl; get them by: tools/setup play
SDL_LIBS   = $(eval SDL_LIBS := $(shell pkg-config --libs $(SDL_PACKAGES)))$(SDL_LIBS)
CHECK_LIBS := -lcheck_pic -lsubunit -lrt -lm

# No C library in the page. --stack-first makes a stack overflow trap instead of overwriting data,
# and all memory is there from the start, because growing it would detach JavaScript's views.
WASM_MEMORY_BYTES ?= 16777216
WASM_CFLAGS := --target=wasm32-unknown-unknown -std=c11 -ffreestanding -nostdlib -O2 -mbulk-memory \
               $(WARNINGS) $(INCLUDES)
WASM_LDFLAGS := --target=wasm32-unknown-unknown -nostdlib \
                -Wl,--no-entry,--stack-first,--strip-debug,-z,stack-size=262144 \
                -Wl,--initial-memory=$(WASM_MEMORY_BYTES),--max-memory=$(WASM_MEMORY_BYTES)

# Run and test build on all cores, unless a -j was given. (MAKEFLAGS tells only inside a recipe.)
SUBMAKE = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- What `make` makes ---------------------------------------------------------------------------

SERVER := $(BUILD)/tickwire-server
CLIENT := $(BUILD)/tickwire-client
BOTS   := $(BUILD)/tickwire-bots
NETSIM := $(BUILD)/tickwire-netsim
REPLAY := $(BUILD)/tickwire-replay
TRAIN  := $(BUILD)/tickwire-train
WASM   := $(BUILD)/web/tickwire.wasm

WEB_FILES   := $(patsubst client/web/%,$(BUILD)/web/%,\
                 $(shell find client/web -type f ! -name '*.[ch]' ! -name '.*'))
ASSET_FILES := $(patsubst %,$(BUILD)/web/%,$(shell find assets -type f ! -name '.*'))
# The official Socket.IO client with its licence, for the page's fallback; without npm's there is none.
SIO_CLIENT := tests/node_modules/socket.io-client
SIO_FILES  := $(if $(wildcard $(SIO_CLIENT)/dist/socket.io.esm.min.js),\
                $(BUILD)/web/vendor/socket.io.esm.min.js $(BUILD)/web/vendor/socket.io.LICENSE)
# What the server would still serve, though its source is gone.
STALE_FILES := $(filter-out $(WEB_FILES) $(ASSET_FILES) $(SIO_FILES) $(WASM),\
                 $(shell find $(BUILD)/web -type f 2>/dev/null))

# The client comes last: without SDL there is all the rest.
all: $(SERVER) $(BOTS) $(NETSIM) $(REPLAY) $(TRAIN) web $(CLIENT)
web: $(WEB_FILES) $(ASSET_FILES) $(SIO_FILES) $(WASM)
	@$(if $(STALE_FILES),rm -f $(STALE_FILES),:)
wasm: $(WASM)

# ---- Generated files: rewritten only when their content changes ----------------------------------

write_if_changed = @mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) >$@

# The games that are built in, one GAME(name) a line, for shared/games/registry.c.
$(BUILD)/generated/games.def: FORCE
	$(call write_if_changed,$(foreach game,$(GAMES),'GAME($(game))'))

# Another compiler or other flags rebuild everything.
$(BUILD)/generated/flags: FORCE
	$(call write_if_changed,'$(CC) $(CFLAGS) $(CLANG) $(WASM_CFLAGS) $(WASM_LDFLAGS)')

# A source file that came or went makes the archives anew; its old object must not stay in one.
$(BUILD)/generated/sources: FORCE
	$(call write_if_changed,$(sort $(FREESTANDING_SRC) $(OS_SRC) $(GLUE_SRC) $(WORLD_SRC)))

# ---- Compiling and linking -----------------------------------------------------------------------

$(call objects,$(OS_SRC)): DEFINES := -D_GNU_SOURCE
$(call objects,$(CLIENT_SRC)): LIBRARY_CFLAGS = $(SDL_CFLAGS)

$(BUILD)/obj/%.o: %.c $(BUILD)/generated/flags | $(BUILD)/generated/games.def
	@echo "  CC    $<"; mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(DEFINES) $(LIBRARY_CFLAGS) -MMD -MP -c $< -o $@

LIBS := $(patsubst %,$(BUILD)/lib%.a,tools server view games host shared)

$(BUILD)/libtools.a:  $(call objects,$(TOOLS_SRC))
$(BUILD)/libserver.a: $(call objects,$(SERVER_SRC))
$(BUILD)/libview.a:   $(call objects,$(VIEW_SRC))
$(BUILD)/libgames.a:  $(call objects,$(GAME_SRC))
$(BUILD)/libhost.a:   $(call objects,$(HOST_SRC))
$(BUILD)/libshared.a: $(call objects,$(SHARED_SRC))

# The client but its main, for the tests of those modules that need no SDL.
LIBCLIENT := $(BUILD)/libclient.a
$(LIBCLIENT): $(call objects,$(filter-out %/main.c,$(CLIENT_SRC)))

$(LIBS) $(LIBCLIENT): $(BUILD)/generated/sources
	@echo "  AR    $@"; rm -f $@
	$(Q)ar rcs $@ $(filter %.o,$^)

# Each program takes from the libraries what it refers to; the group lets them refer to each other.
define LINK
@echo "  LINK  $@"; mkdir -p $(@D)
$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) \
    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)
endef

$(SERVER): $(call objects,$(MAIN_SRC)) $(LIBS)
	$(LINK)
$(CLIENT): $(BUILD)/obj/client/sdl/main.o $(LIBCLIENT) $(LIBS)
	$(LINK) $(SDL_LIBS)
$(BOTS): $(BUILD)/obj/tools/bots/main.o $(LIBS)
	$(LINK)
$(NETSIM): $(BUILD)/obj/tools/netsim/main.o $(LIBS)
	$(LINK)
$(REPLAY): $(call objects,$(REPLAY_SRC)) $(LIBS)
	$(LINK)
$(TRAIN): $(call objects,$(TRAIN_SRC)) $(LIBS)
	$(LINK)

# ---- The page ------------------------------------------------------------------------------------

WASM_OBJ := $(patsubst %.c,$(BUILD)/wasm/%.o,$(FREESTANDING_SRC) $(GLUE_SRC))

$(BUILD)/wasm/%.o: %.c $(BUILD)/generated/flags | $(BUILD)/generated/games.def
	@echo "  CLANG $<"; mkdir -p $(@D)
	$(Q)$(CLANG) $(WASM_CFLAGS) -MMD -MP -c $< -o $@

$(WASM): $(WASM_OBJ) $(BUILD)/generated/sources
	@echo "  WASM  $@"; mkdir -p $(@D)
	$(Q)$(CLANG) $(WASM_LDFLAGS) -o $@ $(filter %.o,$^)

# The golden vectors as the wasm build writes them, for tests/vectors.
VECTORS_WASM := $(BUILD)/tests/wire_vectors.wasm
VECTORS_OBJ  := $(patsubst %.c,$(BUILD)/wasm/%.o,$(SHARED_SRC) tests/unit/wire_vectors.c \
                  tests/vectors/wire_vectors_wasm.c)

$(VECTORS_WASM): $(VECTORS_OBJ) $(BUILD)/generated/sources
	@echo "  WASM  $@"; mkdir -p $(@D)
	$(Q)$(CLANG) $(WASM_LDFLAGS) -o $@ $(filter %.o,$^)

$(WEB_FILES): $(BUILD)/web/%: client/web/%
	@mkdir -p $(@D)
	@cp $< $@
$(ASSET_FILES): $(BUILD)/web/%: %
	@mkdir -p $(@D)
	@cp $< $@

$(BUILD)/web/vendor/socket.io.esm.min.js: $(SIO_CLIENT)/dist/socket.io.esm.min.js
	@mkdir -p $(@D)
	@cp $< $@
$(BUILD)/web/vendor/socket.io.LICENSE: $(SIO_CLIENT)/LICENSE
	@mkdir -p $(@D)
	@cp $< $@

# What tests and measurements use.
export TICKWIRE_BUILD = $(BUILD)

# ---- Running -------------------------------------------------------------------------------------

run:
	@$(SETUP) run
	@$(SUBMAKE) $(SERVER) web
	$(BUILD)/tickwire-server $(RUN_ARGS)

play:
	@$(SETUP) play
	@$(SUBMAKE) $(CLIENT)
	$(BUILD)/tickwire-client $(PLAY_ARGS)

# ---- Tests ---------------------------------------------------------------------------------------

# Each tests/unit/test_X.c, tests/fuzz/fuzz_X.c and tests/bench/bench_X.c is a program of its own,
# linked with the folder's other .c files.

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/%,$(filter tests/unit/test_%,$(UNIT_SRC)))
FUZZERS    := $(patsubst tests/%.c,$(BUILD)/%,$(filter tests/fuzz/fuzz_%,$(FUZZ_SRC)))
BENCHES    := $(patsubst tests/%.c,$(BUILD)/%,$(filter tests/bench/bench_%,$(BENCH_SRC)))

$(UNIT_TESTS): $(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o \
               $(call objects,$(filter-out tests/unit/test_%,$(UNIT_SRC)) $(TESTLIB_SRC)) \
               $(LIBCLIENT) $(LIBS)
	$(LINK) $(CHECK_LIBS)
$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o \
            $(call objects,$(filter-out tests/fuzz/fuzz_%,$(FUZZ_SRC))) $(LIBS)
	$(LINK) -fsanitize=fuzzer
# Parsers of the client alone.
$(BUILD)/fuzz/fuzz_room_list: $(call objects,client/sdl/room_list.c)
$(BENCHES): $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o \
            $(call objects,$(filter-out tests/bench/bench_%,$(BENCH_SRC)) $(TESTLIB_SRC) \
                           $(WORLD_SRC)) $(LIBS)
	$(LINK)

# The floor of `make bench-peers` and of the bench of Socket.IO.
BARE := $(BUILD)/bench/bare
$(BARE): $(call objects,$(BARE_SRC)) $(LIBS)
	$(LINK)

# How it feels to play over a link, and what the view costs: for `make bench-client`.
FEEL := $(BUILD)/bench/feel
$(FEEL): $(call objects,$(FEEL_SRC)) $(LIBS)
	$(LINK)
VIEW_BENCH := $(BUILD)/bench/view
$(VIEW_BENCH): $(call objects,$(VIEW_BENCH_SRC)) $(LIBS)
	$(LINK)

build-tests: $(UNIT_TESTS) $(SERVER)
build-fuzzers: $(FUZZERS)
ASAN_BUILD = BUILD=$(BUILD)/asan SANITIZE=address,undefined
FUZZ_BUILD = BUILD=$(BUILD)/fuzz CC=$(CLANG) SANITIZE=fuzzer-no-link,address,undefined

tests/node_modules/.package-lock.json: tests/package.json tests/package-lock.json
	cd tests && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# A part that does not build counts as one failure, and the other tests still run.
test:
	@$(SETUP) test
	@failed=0; \
	$(SUBMAKE) tests/node_modules/.package-lock.json || failed=1; \
	$(SUBMAKE) -k all $(VECTORS_WASM) || failed=1; \
	$(SUBMAKE) -k build-tests $(ASAN_BUILD) || failed=$$((failed + 1)); \
	$(SUBMAKE) -k build-fuzzers $(FUZZ_BUILD) || failed=$$((failed + 1)); \
	BUILDS_FAILED=$$failed tests/run unit fuzz lib vectors conformance flow e2e

asan: SANITIZERS := address,undefined
tsan: SANITIZERS := thread
asan tsan:
	@$(SETUP) test
	@$(SUBMAKE) all tests/node_modules/.package-lock.json BUILD=$(BUILD)/$@ SANITIZE=$(SANITIZERS)
	@TICKWIRE_BUILD=$(BUILD)/$@ tests/run flow

fuzz:
	@$(SETUP) test
	@$(SUBMAKE) build-fuzzers $(FUZZ_BUILD)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz

# ---- Measurements --------------------------------------------------------------------------------

bench: all $(BENCHES) $(BARE) tests/node_modules/.package-lock.json
	@for program in $(BENCHES) $(wildcard $(addprefix tests/bench/,load slow storm narrow connections \
	                                          rooms socketio watch)); do \
	    echo "$$program"; $$program || exit 1; \
	done

# The same world on Tickwire and on others, by turns. The second build tells a hash in every update,
# for the part that compares what clients decode with the world.
PEERS_MODULES := tests/bench/peers/node_modules/.package-lock.json
PEERS_MAKE    := GAMES='drift drift_thousand drift_wide'

$(PEERS_MODULES): tests/bench/peers/package.json tests/bench/peers/package-lock.json
	cd tests/bench/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

bench-peers:
	@$(SETUP) bench
	@$(SUBMAKE) $(PEERS_MODULES) $(BARE)
	@$(SUBMAKE) BUILD=$(BUILD)/bench-world $(PEERS_MAKE) build-served
	@$(SUBMAKE) BUILD=$(BUILD)/bench-check $(PEERS_MAKE) 'CC=$(CC) -DSNAPSHOT_HASH_EVERY=1' build-served
	node tests/bench/peers/bench.mjs

build-served: $(SERVER) $(BOTS)

# What the clients cost and how they feel; the tables go into client/README.md.
bench-client:
	@$(SETUP) test
	@$(SUBMAKE) all tests/node_modules/.package-lock.json $(FEEL) $(VIEW_BENCH)
	node tests/bench/client/bench.mjs

soak: all
	tests/bench/$@
conformance: all
	tests/conformance/run

# Pictures to be looked at; NAMES='start settings@phone' makes those only.
screenshots: $(SERVER) web tests/node_modules/.package-lock.json
	node tests/e2e/screenshots.mjs $(NAMES)

# ---- The rest ------------------------------------------------------------------------------------

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/tickwire
	install $(SERVER) $(CLIENT) $(BOTS) $(REPLAY) $(DESTDIR)$(PREFIX)/bin
	cp -r $(BUILD)/web $(DESTDIR)$(PREFIX)/share/tickwire
	install -D -m 644 client/sdl/tickwire.desktop \
	    $(DESTDIR)$(PREFIX)/share/applications/tickwire.desktop
	install -D -m 644 client/web/icon.svg \
	    $(DESTDIR)$(PREFIX)/share/icons/hicolor/scalable/apps/tickwire.svg

clean:
	rm -rf $(BUILD)

-include $(patsubst %.o,%.d,$(call objects,$(FREESTANDING_SRC) $(OS_SRC) $(WORLD_SRC)) \
                             $(WASM_OBJ) $(VECTORS_OBJ))
