/*
 * webrtc.cc - libwebrtc-audio-processing behind the class's table.
 *
 * The library speaks C++ alone; this is all the C++ there is.  It takes 10 ms
 * frames, which is where ECHO_FRAME_SAMPLES comes from (kChunkSizeMs).
 */
#include <cstring>
#include <new>

#include <modules/audio_processing/include/audio_processing.h>

extern "C" {
#include "drivers/echo/echo_internal.h"
}

namespace
{
struct canceller {
	rtc::scoped_refptr<webrtc::AudioProcessing> apm;
	webrtc::StreamConfig stream;
};

canceller *of(void *ctx)
{
	return static_cast<canceller *>(ctx);
}

enum kk_err reverse(void *ctx, const int16_t *samples)
{
	canceller *c = of(ctx);
	int16_t unused[ECHO_FRAME_SAMPLES];

	if (c->apm->ProcessReverseStream(samples, c->stream, c->stream,
		unused) != webrtc::AudioProcessing::kNoError)
		return KK_EIO;
	return KK_OK;
}

enum kk_err capture(void *ctx, int16_t *samples, unsigned delay_ms)
{
	canceller *c = of(ctx);
	int16_t out[ECHO_FRAME_SAMPLES];

	c->apm->set_stream_delay_ms(static_cast<int>(delay_ms));
	if (c->apm->ProcessStream(samples, c->stream, c->stream, out) !=
	    webrtc::AudioProcessing::kNoError)
		return KK_EIO;
	std::memcpy(samples, out, sizeof(out));
	return KK_OK;
}

void release(void *ctx)
{
	delete of(ctx);
}

constexpr struct echo_ops ops = { reverse, capture, release };

webrtc::AudioProcessing::Config config_of(const struct echo_config *from)
{
	webrtc::AudioProcessing::Config to;

	to.high_pass_filter.enabled = true; /* rumble of the room */
	to.echo_canceller.enabled = from->cancels_echo;
	to.noise_suppression.enabled = from->suppresses_noise;
	to.noise_suppression.level =
	    webrtc::AudioProcessing::Config::NoiseSuppression::kHigh;
	/* Digital alone: a device's own volume is not touched. */
	to.gain_controller1.enabled = from->controls_gain;
	to.gain_controller1.mode =
	    webrtc::AudioProcessing::Config::GainController1::kAdaptiveDigital;
	to.gain_controller1.analog_gain_controller.enabled = false;
	to.residual_echo_detector.enabled = false; /* only tells */
	return to;
}
} // namespace

extern "C" enum kk_err echo_webrtc_new(struct echo **echop,
    const struct echo_config *config)
{
	canceller *c = new (std::nothrow) canceller;

	if (!c)
		return KK_ENOMEM;
	c->apm = webrtc::AudioProcessingBuilder().Create();
	c->stream = webrtc::StreamConfig(ECHO_RATE_HZ, 1);
	if (!c->apm) {
		delete c;
		return KK_ENOMEM;
	}
	c->apm->ApplyConfig(config_of(config));
	return echo_new(echop, &ops, c);
}
