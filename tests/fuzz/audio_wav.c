/* audio_wav.c - sound files from anywhere. */
#include "drivers/audio/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int16_t *samples = NULL;
	size_t count = 0;

	if (!wav_read(kk_view_of(data, size), &samples, &count))
		kk_free(samples);
	return 0;
}
