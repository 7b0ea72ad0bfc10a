test-drivers-audio-ldflags := -Wl,--no-as-needed -lm \
    -Wl,--wrap=snd_pcm_readi,--wrap=snd_pcm_writei \
    -Wl,--wrap=audio_cards_list,--wrap=snd_card_next,--wrap=snd_ctl_open,--wrap=snd_ctl_close \
    -Wl,--wrap=snd_ctl_card_info,--wrap=snd_ctl_card_info_get_driver \
    -Wl,--wrap=snd_ctl_card_info_get_name,--wrap=snd_ctl_pcm_next_device \
    -Wl,--wrap=snd_ctl_pcm_info,--wrap=snd_pcm_info_get_name \
    -Wl,--wrap=audio_plugs_read,--wrap=snd_ctl_elem_list \
    -Wl,--wrap=snd_ctl_elem_list_get_used,--wrap=snd_ctl_elem_list_get_name \
    -Wl,--wrap=snd_ctl_elem_list_get_device,--wrap=snd_ctl_elem_list_get_id \
    -Wl,--wrap=snd_ctl_elem_info,--wrap=snd_ctl_elem_info_get_count \
    -Wl,--wrap=snd_ctl_elem_read,--wrap=snd_ctl_elem_value_get_boolean
test-drivers-audio-pkgs := alsa
