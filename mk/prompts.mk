# What callers hear: each text of rootfs/prompts/LANGUAGE/ said by espeak-ng, as 48
# kHz, one channel, 16 bits.  Without dither, and so the same each time.
PROMPTS := $(patsubst rootfs/%.txt,$(O)/%.wav,$(wildcard rootfs/prompts/*/*.txt))

.PHONY: prompts
prompts: $(PROMPTS)
all: prompts

$(O)/prompts/%.wav: rootfs/prompts/%.txt mk/prompts.mk
	$(call say,SAY,$@)
	@mkdir -p $(@D)
	$(Q)espeak-ng -v $(patsubst %/,%,$(dir $*)) -s 150 -f $< -w $@.raw.wav
	$(Q)sox -D $@.raw.wav -r 48000 -c 1 -b 16 $@ norm -3 pad 0.1 0.1
	@rm $@.raw.wav

# The library's names have texts (tests/ivr/prompts.c); texts have sounds.
$(eval $(call tap-script,prompts,$(PROMPTS),tests/build/prompts $(O)/prompts))
