# SPDX-License-Identifier: ISC
# Short names for the steps; meson and ninja do the work.

BUILD = build
OPTIONS =

# One after the other: each step uses all processors itself.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL = all
.PHONY: all help demo format bench clean check check-all check-deps build-asan \
	build-clang check-explain check-kernels check-ports fuzz install uninstall \
	static dist

all: $(BUILD)/build.ninja ## build/seccomp-pledge and build/pledge
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@meson setup $(BUILD) $(OPTIONS)

# Both programs, the library and all that is read with them.
install: all ## install; DESTDIR= prefix= say where (/usr/local)
	@test -z "$(prefix)" || meson configure $(BUILD) -Dprefix=$(prefix)
	@ninja -C $(BUILD)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild
	@test -n "$(DESTDIR)" || test "$$(id -u)" -ne 0 || ldconfig
	@test -n "$(DESTDIR)" || test "$$(id -u)" -ne 0 || \
		! command -v mandb >/dev/null || mandb -q

uninstall: ## remove what install put there
	@DESTDIR=$(DESTDIR) ninja -C $(BUILD) uninstall

static: $(BUILD)/build.ninja ## the whole tool as one file: build/seccomp-pledge-static
	@ninja -C $(BUILD) seccomp-pledge-static pledge

dist: ## the sources as build/seccomp-pledge-VERSION.tar.gz
	@tools/make-dist $(BUILD)

demo: ## one command confined: something allowed, something refused
	@tools/install-deps build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) $(OPTIONS)
	@ninja -C $(BUILD) pledge
	@tools/demo $(BUILD)/pledge

check: check-deps all build-asan build-clang ## every test, under 15 minutes
	@tests/run $(BUILD) $(BUILD)/asan:unit $(BUILD)/clang:unit

check-deps:
	@tools/install-deps build check

# The same unit tests where a wrong memory access or undefined behaviour ends
# the program. What runs inside a sandbox says b_sanitize=none for itself.
build-asan: all
	@test -f $(BUILD)/asan/build.ninja || meson setup $(BUILD)/asan \
		-Db_sanitize=address,undefined -Doptimization=1 \
		-Dc_args=-fno-sanitize-recover=all
	@ninja -C $(BUILD)/asan unit-programs

build-clang: all
	@test -f $(BUILD)/clang/build.ninja || CC=clang meson setup \
		$(BUILD)/clang -Dwerror=true
	@ninja -C $(BUILD)/clang unit-programs

check-kernels: ## the escapes under Debian's 6.1 kernel, ten minutes
	@tools/install-deps build check kernels
	@$(MAKE) all
	@tests/escape/boot.py $(BUILD)

check-ports: ## programs of OpenBSD built with libpledge, five minutes
	@tools/install-deps build check ports
	@$(MAKE) all
	@tools/check-ports $(BUILD)

.PHONY: check-docs check-learn check-pages

check-learn: ## programs under what learn wrote for them, five minutes
	@tools/install-deps build check
	@$(MAKE) all
	@BUILD_DIR=$(BUILD) tests/cli/check_learn.py

.PHONY: demos

demos: ## the pictures of README.md, from real runs
	@tools/install-deps build check demos
	@$(MAKE) all
	@tools/record-demos $(BUILD)

check-docs: ## every HOWTO followed on a copy of the sources, four minutes
	@tools/install-deps build check
	@tests/docs/follow

check-pages: ## pages of --html in Chromium, two minutes
	@tools/install-deps build check pages
	@$(MAKE) all
	@tests/pages/run $(BUILD)

check-explain: ## 200 wrong policies, mended as --explain says, four minutes
	@tools/install-deps build check
	@$(MAKE) all
	@BUILD_DIR=$(BUILD) tests/cli/test_wrong_policies.py all

.PHONY: check-package check-fresh
check-package: ## tarball, static tool, Debian packages; ten minutes, as root
	@tools/install-deps build check package
	@mkdir -p $(BUILD)
	@tests/package/check_package.py $(BUILD)

check-fresh: ## README.md's commands and the packages on a fresh Debian, as root
	@tools/install-deps build check package
	@mkdir -p $(BUILD)
	@tests/package/check_fresh.py $(BUILD)

# Whatever is called check-* and is not part of check.
LONGER = $(filter-out check-all check-deps,$(shell \
	sed -n 's/^\(check-[a-z0-9-]*\):.*/\1/p' Makefile))

check-all: check $(LONGER) ## check, and every longer check-* target

bench: ## what confining costs, against peers: docs/BENCHMARKS.md
	@tools/install-deps build bench
	@$(MAKE) all
	@tests/bench/run $(BUILD)

fuzz: ## invented input for each reader of files, a minute each
	@tools/install-deps build check
	@$(MAKE) all
	@tests/fuzz/run $(BUILD)

format: ## lay out the C sources as the check wants them
	@find src include tests tools -name '*.[ch]' -exec clang-format -i {} +

clean: ## remove the build directory
	@rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## */  make \1\t/p' Makefile | expand -t 24
