# Everything a user or a contributor types. `make demo` and `make test` install what they need first.

SWIFT ?= swift
PREFIX ?= /usr/local
# Functions that are the same, and never compared, are linked once. The program shows no symbols to libraries, for none asks
# for one: so what nobody uses is left out, and it is a tenth smaller.
SYMBOLS = .build-release/symbols.map
OPTIMIZED = -c release --static-swift-stdlib --scratch-path .build-release -Xlinker --icf=safe \
	-Xlinker --version-script=$(CURDIR)/$(SYMBOLS)
RELEASE = $(OPTIMIZED) --product belay
TEST = BELAY_RELEASE=$(CURDIR)/.build-release/release/belay $(SWIFT) test

.PHONY: demo test lint build bench install mutants fuzz clean

# A release is switched, fails its verification, and is undone; then the log is verified.
demo:
	@.ci/install
	$(SWIFT) build --product belay
	@examples/demo.sh .build/debug/belay

# The performers adopt the orphans of whatever tests run beside them, and exit tests wait in vain beside orphans that ended;
# the runbooks' servers want the machine for themselves.
test: $(SYMBOLS)
	@.ci/install test
	$(SWIFT) build $(RELEASE)
	$(TEST) --skip TortureTests --skip ElsewhereTests --skip PerformersTests --skip RunbookTests
	$(TEST) --skip-build --filter PerformersTests
	$(TEST) --skip-build --filter TortureTests --filter ElsewhereTests
	$(TEST) --skip-build --filter RunbookTests

$(SYMBOLS):
	@mkdir -p $(@D)
	@echo '{ local: *; };' > $@

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks

build: $(SYMBOLS)
	@.ci/install
	$(SWIFT) build $(RELEASE)
	@strip -o .build-release/belay .build-release/release/belay
	@ls -l .build-release/belay

bench: $(SYMBOLS)
	@.ci/install test
	$(SWIFT) build $(RELEASE)
	BELAY_BENCH=1 $(SWIFT) build $(OPTIMIZED) --product RehearsalBenchmark
	@Benchmarks/run .build-release/release/belay .build-release/release/RehearsalBenchmark

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 .build-release/belay $(DESTDIR)$(PREFIX)/bin/belay

# Breaks each invariant on purpose, and sees its test fail.
mutants:
	@.ci/install test
	@Tests/Mutants/run

# Lets each fuzzer run for so many seconds.
SECONDS ?= 60
fuzz:
	@.ci/install test
	@Tests/Fuzzing/run $(SECONDS)

clean:
	rm -rf .build .build-release .build-mutants .build-fuzz
