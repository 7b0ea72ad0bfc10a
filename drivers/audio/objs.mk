audio-objs-y := audio.o pace.o none.o wav.o wav_in.o wav_out.o
audio-objs-$(KK_AUDIO_ALSA) += alsa.o auto.o cards.o choice.o plugs.o
audio-objs-$(KK_AUDIO_SANDBOX) += sandbox.o
audio-libs := base
audio-pkgs := alsa
