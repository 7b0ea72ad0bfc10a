# What espeak-ng has said is read from a file.
test-phone-libs := program drivers-audio
