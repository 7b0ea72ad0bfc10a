/* read.c - what an m= line says, with what stands for all of them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "offer/offer_private.h"

enum { PORT_MAX = 65535 };

bool offer_home_open(su_home_t *home)
{
	memset(home, 0, sizeof(*home)); /* it reads its size */
	home->suh_size = (int)sizeof(*home);
	return su_home_init(home) == 0;
}

enum kk_err offer_read(su_home_t *home, const struct offer_text *text,
    const sdp_session_t **session)
{
	sdp_parser_t *parser;
	size_t count = 0;

	parser = sdp_parse(home, (const char *)text->clean.data,
	    (issize_t)text->clean.bytes,
	    sdp_f_mode_0000 | sdp_f_c_missing | sdp_f_anynet);
	if (!parser)
		return KK_ENOMEM;
	*session = sdp_session(parser);
	if (!*session)
		return KK_EFORMAT;
	for (const sdp_media_t *m = (*session)->sdp_media; m; m = m->m_next)
		count++;
	return count == text->media_count ? KK_OK : KK_EFORMAT;
}

static const char *attribute(const struct offer_line *line, const char *name)
{
	for (const sdp_attribute_t *a = line->media->m_attributes; a;
	    a = a->a_next) {
		if (strcasecmp(a->a_name, name) == 0)
			return a->a_value ? a->a_value : "";
	}
	return NULL;
}

/* A literal address of one machine; names are not looked up. */
static const char *address_of(const sdp_connection_t *c)
{
	if (!c || !c->c_address || c->c_mcast || c->c_groups > 1 ||
	    strlen(c->c_address) >= OFFER_ADDRESS_BYTES)
		return NULL;
	if (c->c_addrtype == sdp_addr_ip4 && host_is_ip4_address(c->c_address))
		return c->c_address;
	return c->c_addrtype == sdp_addr_ip6 &&
		host_is_ip6_address(c->c_address) ?
	    c->c_address :
	    NULL;
}

static bool is_everywhere(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static uint16_t rtcp_port_of(const struct offer_line *line)
{
	const char *value = attribute(line, "rtcp"); /* RFC 3605 */
	const unsigned long port = value ? strtoul(value, NULL, 10) :
					   line->media->m_port + 1;

	if (line->has_mux)
		return (uint16_t)line->media->m_port;
	return port > 0 && port <= PORT_MAX ? (uint16_t)port : 0;
}

static void cryptos_read(struct offer_line *line, const struct offer_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (offer_crypto_read(&line->cryptos[line->crypto_count],
			keys->values[i]))
			line->crypto_count++;
	}
}

void offer_line_read(struct offer_line *line, const sdp_session_t *session,
    const sdp_media_t *media, const struct offer_keys *keys)
{
	const sdp_connection_t *at = media->m_connections ?
	    media->m_connections :
	    session->sdp_connection;

	*line = (struct offer_line){ .media = media,
		.retold = keys->retold,
		.has_feedback = keys->has_feedback };
	line->is_secure = media->m_proto == sdp_proto_srtp;
	line->is_audio = media->m_type == sdp_media_audio &&
	    (line->is_secure || media->m_proto == sdp_proto_rtp) &&
	    media->m_port > 0 && media->m_port <= PORT_MAX &&
	    media->m_number_of_ports <= 1 && !media->m_rejected;
	if (!line->is_audio)
		return;
	line->has_mux = attribute(line, "rtcp-mux");
	line->address = address_of(at);
	line->rtcp_port = rtcp_port_of(line);
	/* Held in the old way: nowhere to send to (RFC 3264, 8.4). */
	line->hears = media->m_mode & sdp_recvonly && line->address &&
	    !is_everywhere(line->address);
	line->sends = media->m_mode & sdp_sendonly;
	cryptos_read(line, keys);
}

/* --- codecs -------------------------------------------------------------- */

static bool is_format(const sdp_rtpmap_t *map, const struct codec_format *f)
{
	const unsigned long channels = map->rm_params ?
	    strtoul(map->rm_params, NULL, 10) :
	    1;

	return map->rm_encoding && strcasecmp(map->rm_encoding, f->name) == 0 &&
	    map->rm_rate == f->rtp_hz && channels == f->channels;
}

static const sdp_rtpmap_t *map_find(const struct offer_line *line,
    enum codec_id id)
{
	const struct codec_format *f = codec_format(id);

	for (const sdp_rtpmap_t *m = line->media->m_rtpmaps; m;
	    m = m->rm_next) {
		if (!m->rm_any && is_format(m, f))
			return m;
	}
	return NULL;
}

static int event_type_of(const struct offer_line *line, unsigned hz)
{
	for (const sdp_rtpmap_t *m = line->media->m_rtpmaps; m;
	    m = m->rm_next) {
		if (m->rm_encoding && m->rm_rate == hz &&
		    strcasecmp(m->rm_encoding, "telephone-event") == 0)
			return (int)m->rm_pt;
	}
	return -1;
}

/* RFC 4733, 2.1: with the clock of the sound beside it.  Telephones that have
 * but one send it beside all others too. */
static void events_choose(const struct offer_line *line,
    struct offer_stream *stream)
{
	stream->event_hz = codec_format(stream->codec)->rtp_hz;
	stream->event_type = event_type_of(line, stream->event_hz);
	if (stream->event_type < 0) {
		stream->event_hz = OFFER_EVENT_HZ;
		stream->event_type = event_type_of(line, stream->event_hz);
	}
	if (stream->event_type == stream->payload_type)
		stream->event_type = -1;
}

bool offer_codec_choose(const struct offer_local *local,
    const struct offer_line *line, struct offer_stream *stream)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		const sdp_rtpmap_t *map = local->has_codec[id] ?
		    map_find(line, id) :
		    NULL;

		if (!map)
			continue;
		stream->codec = id;
		stream->payload_type = (int)map->rm_pt;
		stream->is_retold = line->retold[map->rm_pt]; /* 7 bits */
		events_choose(line, stream);
		return true;
	}
	return false;
}
