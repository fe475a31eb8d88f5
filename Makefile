# SPDX-License-Identifier: GPL-2.0
# make            module, daemon, CLI and man pages, for the running kernel unless KDIR says otherwise
# make install    the same, installed below DESTDIR
# make demo       set-up and the main job end to end in a disposable guest
# make check      set-up and every test
# V=1 shows the commands; W=1 and C=1 are handed to the kernel's build.

VERSION := 0.1.0
PREFIX ?= /usr
SYSCONFDIR ?= /etc
KDIR ?= /lib/modules/$(shell uname -r)/build
UNITDIR ?= $(PREFIX)/lib/systemd/system
CC ?= gcc
PKG_CONFIG ?= pkg-config
INSTALL ?= install
O := build

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

PKGS := libnl-3.0 libnl-genl-3.0 sqlite3 libsystemd libcyaml yaml-0.1 jansson libcrypto libkmod libarchive
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wpointer-arith -Wvla -Wno-unused-parameter
CPPFLAGS_ALL := -D_GNU_SOURCE -DJOBWARD_VERSION='"$(VERSION)"' \
	-DJOBWARD_HUNTS='"$(PREFIX)/share/jobward/hunts"' -DJOBWARD_HUNTS_D='"$(SYSCONFDIR)/jobward/hunts.d"' -Iinclude/uapi -Iinclude -Iuser/lib -Iuser -I$(O)/user $(CPPFLAGS)
CFLAGS ?= -O2 -g
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS_ALL = -std=gnu17 $(WARN) $(CFLAGS) $(HARDEN) $(shell $(PKG_CONFIG) --cflags $(PKGS)) -MMD -MP
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS))

lib_src := $(sort $(shell find user/lib -name '*.c'))
daemon_src := $(wildcard user/daemon/*.c)
cli_src := $(wildcard user/cli/*.c)
lib_obj := $(lib_src:%.c=$(O)/%.o)
daemon_obj := $(daemon_src:%.c=$(O)/%.o)
cli_obj := $(cli_src:%.c=$(O)/%.o)
man := $(patsubst user/man/%.scd,$(O)/man/%,$(wildcard user/man/*.scd))
hunts := $(wildcard user/hunts/*.sql)
report := $(wildcard user/report/*)
schema := $(wildcard user/lib/store/schema/[0-9]*.sql) $(wildcard user/lib/store/schema/views.sql)

.PHONY: all modules test-modules test-programs user man install install-modules install-user clean check demo unit lint
all: modules user man
user: $(O)/jobwardd $(O)/jobward

modules:
	$(Q)test -d $(KDIR) || { echo "jobward: no kernel headers at $(KDIR): install linux-headers for this kernel or give KDIR=" >&2; exit 1; }
	$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(W),W=$(W)) $(if $(C),C=$(C)) KERNELDOC=true modules

# what the tests load and run in guests
test-modules:
	$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR)/tests/kmod $(if $(W),W=$(W)) modules
test-programs: $(patsubst tests/guest/programs/%.c,$(O)/guest/%,$(wildcard tests/guest/programs/*.c))
$(O)/guest/foreign: private CFLAGS_TEST := -shared -fPIC
$(O)/guest/%: tests/guest/programs/%.c
	$(say) CC $<
	$(Q)mkdir -p $(@D) && $(CC) -O1 -w $(CFLAGS_TEST) -o $@ $<

$(O)/libjobward.a: $(lib_obj)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(O)/jobwardd: $(daemon_obj) $(O)/libjobward.a
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
$(O)/jobward: $(cli_obj) $(O)/libjobward.a
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
$(O)/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c -o $@ $<
$(lib_obj): | $(O)/user/schema_gen.h
$(O)/user/schema_gen.h: $(schema) scripts/embed
	$(say) GEN $@
	$(Q)mkdir -p $(@D) && scripts/embed jw_schema_files $@ $(schema)
$(cli_obj): | $(O)/user/report_gen.h
$(O)/user/report_gen.h: $(report) scripts/embed
	$(say) GEN $@
	$(Q)mkdir -p $(@D) && scripts/embed jw_report_files $@ $(report)

man: $(man)
$(O)/man/%: user/man/%.scd
	$(say) MAN $@
	$(Q)mkdir -p $(@D) && scdoc <$< >$@.tmp && mv $@.tmp $@
$(O)/man/jobward-hunt.5: user/man/jobward-hunt.5.scd user/lib/store/schema/views.sql $(hunts) scripts/hunt-man
	$(say) MAN $@
	$(Q)mkdir -p $(@D) && scripts/hunt-man $(filter-out scripts/hunt-man,$^) >$@.scd && scdoc <$@.scd >$@.tmp && mv $@.tmp $@

install: install-modules install-user
install-modules: modules
	$(Q)k=$$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h) && [ -n "$$k" ] && \
		$(INSTALL) -D -m 644 jobward.ko $(DESTDIR)/lib/modules/$$k/updates/jobward.ko && \
		{ [ -n "$(DESTDIR)" ] || depmod -a $$k; }
install-user: user man
	$(Q)$(INSTALL) -D -m 755 $(O)/jobwardd $(DESTDIR)$(PREFIX)/sbin/jobwardd
	$(Q)$(INSTALL) -D -m 755 $(O)/jobward $(DESTDIR)$(PREFIX)/bin/jobward
	$(Q)$(INSTALL) -D -m 644 user/units/jobwardd.service $(DESTDIR)$(UNITDIR)/jobwardd.service
	$(Q)$(INSTALL) -D -m 644 user/units/modules-load.conf $(DESTDIR)$(PREFIX)/lib/modules-load.d/jobward.conf
	$(Q)$(INSTALL) -D -m 644 user/units/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/jobward.conf
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(SYSCONFDIR)/jobward/policy.d
	$(Q)[ -e $(DESTDIR)$(SYSCONFDIR)/jobward/policy.yaml ] || \
		$(INSTALL) -m 600 user/policy/policy.yaml $(DESTDIR)$(SYSCONFDIR)/jobward/policy.yaml
	$(Q)for m in $(man); do $(INSTALL) -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/} || exit 1; done
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(SYSCONFDIR)/jobward/hunts.d $(DESTDIR)$(PREFIX)/share/jobward/hunts
	$(Q)$(INSTALL) -m 644 $(hunts) $(DESTDIR)$(PREFIX)/share/jobward/hunts
	$(Q)$(INSTALL) -D -m 644 user/completion/jobward.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/jobward
	$(Q)$(INSTALL) -D -m 644 user/completion/_jobward $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_jobward

unit: ; $(Q)scripts/unit
lint: ; $(Q)scripts/lint
check: ; $(Q)scripts/check
demo: ; $(Q)scripts/demo

clean:
	rm -rf $(O)
	find . -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' | grep -v ^./.git/ | xargs -r rm -f
	rm -f Module.symvers modules.order

-include $(lib_obj:.o=.d) $(daemon_obj:.o=.d) $(cli_obj:.o=.d)
