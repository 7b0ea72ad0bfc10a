#!/bin/sh
# What callers hear: a sound for each text, as telephones need it.
. tests/build/lib.sh

sounds=$1

each() {
	for text in rootfs/prompts/*/*.txt; do
		sound=$sounds/${text#rootfs/prompts/}
		"$@" "$text" "${sound%.txt}.wav" || return 1
	done
}

is_there() {
	test -s "$2"
}

is_form() {
	form="$(soxi -r "$2") $(soxi -c "$2") $(soxi -b "$2") $(soxi -e "$2")"
	echo "$2: $form"
	[ "$form" = '48000 1 16 Signed Integer PCM' ]
}

# At least 25 ms for each letter, and 0.2 s of silence at the ends.
is_long() {
	letters=$(wc -m <"$1")
	seconds=$(soxi -D "$2")
	echo "$2: $seconds s for $letters letters"
	awk "BEGIN { exit !($seconds > 0.2 + 0.025 * $letters &&
		$seconds < 1.5 + 0.12 * $letters && $seconds < 20) }"
}

value() {
	sox "$2" -n stat 2>&1 | awk -F: "/^$1/ { print \$2 + 0 }"
}

# Of full scale: a peak that no codec clips, and speech that is neither faint nor
# louder than the people are.
is_loud() {
	peak=$(value 'Maximum amplitude' "$2")
	rms=$(value 'RMS     amplitude' "$2")
	echo "$2: peak $peak, in the middle $rms"
	awk "BEGIN { exit !($peak < 0.75 && $rms > 0.04 && $rms < 0.2) }"
}

count() {
	find "$1" -name "*.$2" | wc -l
}

same_words() {
	(cd rootfs/prompts/en && ls) >"$tmp/en"
	(cd rootfs/prompts/de && ls) | cmp - "$tmp/en"
}

made_anew() {
	make --no-print-directory O="$tmp/new" "$tmp/new/prompts/de/wait.wav" &&
		cmp "$tmp/new/prompts/de/wait.wav" "$sounds/de/wait.wav"
}

passes "both languages have the same prompts" same_words
passes "each text has a sound" each is_there
passes "and no sound is without a text" \
	test "$(count "$sounds" wav)" -eq "$(count rootfs/prompts txt)"
passes "sounds are of 48 kHz, one channel and 16 bits" each is_form
passes "they are as long as their words take" each is_long
passes "they are as loud as people are" each is_loud
passes "made anew, a sound is the same" made_anew
finish
