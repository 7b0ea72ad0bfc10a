# Compilers and flags of each variant.

VARIANTS := gcc clang asan tsan fuzz

# KK_ARCH is the processor that the programs are for; where it is not this
# machine's, in the root that has a compiler for it (tools/debian-root cross-ARCH).
KK_ARCH ?= $(shell uname -m)
CROSS := $(if $(filter-out $(shell uname -m),$(KK_ARCH)),$(KK_ARCH)-linux-gnu-)
PKG_CONFIG := $(if $(CROSS),PKG_CONFIG_LIBDIR=/usr/lib/$(CROSS:-=)/pkgconfig:/usr/share/pkgconfig )pkg-config

WARNINGS := -Wall -Wextra -Werror -Wformat=2 -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
    -Wpointer-arith -Wwrite-strings -Wcast-align
COMMON := -std=c11 $(WARNINGS) -g -I. -Ifirmware -Itests -include $(AUTOCONF_H)
HARDENING := -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fPIE \
    -fstack-protector-strong -fstack-clash-protection \
    -ftrivial-auto-var-init=zero
ifeq ($(KK_ARCH),x86_64)
HARDENING += -fcf-protection=full
endif
ifeq ($(KK_ARCH),aarch64)
HARDENING += -mbranch-protection=standard
endif
HARDENING_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer -O1

gcc-cc := $(CROSS)gcc
gcc-cxx := $(CROSS)g++
gcc-cflags := $(COMMON) $(HARDENING)
# Debian's compiler for another processor brings a C library of its own, which gets no
# security updates: what is linked for good is the target's.
gcc-ldflags := $(if $(CROSS),-B/usr/lib/$(CROSS:-=)/ )$(HARDENING_LD)

clang-cc := clang
clang-cxx := clang++
clang-cflags := $(COMMON) $(HARDENING)
clang-ldflags := $(HARDENING_LD)

asan-cc := clang
asan-cxx := clang++
asan-cflags := $(COMMON) $(SANITIZERS)
asan-ldflags := $(SANITIZERS) -Wl,--as-needed

# Programs with threads are also run with this one.
RACES := -fsanitize=thread -fno-omit-frame-pointer -O1
tsan-cc := clang
tsan-cxx := clang++
tsan-cflags := $(COMMON) $(RACES)
tsan-ldflags := $(RACES) -Wl,--as-needed

fuzz-cc := clang
fuzz-cxx := clang++
fuzz-cflags := $(COMMON) $(SANITIZERS) -fsanitize=fuzzer-no-link
fuzz-ldflags := $(SANITIZERS) -Wl,--as-needed

# The few files in C++ (shims of C++ libraries) have the same flags, less those
# that C alone knows, or that see a shadow where C names a struct and a function
# alike.  No exceptions of ours.
C_ONLY := -std=c11 -Wstrict-prototypes -Wmissing-prototypes \
    -Wold-style-definition -Wshadow
cxx-flags = -std=c++17 $(filter-out $(C_ONLY),$(1)) -Wmissing-declarations \
    -fno-exceptions -fno-rtti

# Objects depend on this file: it changes with the compiler's flags and with
# the build root.
flags-text = $($(1)-cc) $($(1)-cxx) $($(1)-cflags) $(C_ONLY) $($(1)-ldflags) $(file < /etc/konklave-root)
flags-update = $(if $(call differ,$(flags-text),$(file < $(O)/$(1)/flags)),$(shell mkdir -p $(O)/$(1))$(file > $(O)/$(1)/flags,$(flags-text)))
differ = $(subst x$(strip $(1))x,,x$(strip $(2))x)$(subst x$(strip $(2))x,,x$(strip $(1))x)
$(foreach v,$(VARIANTS),$(call flags-update,$(v)))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif
