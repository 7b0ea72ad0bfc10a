/* texts.ts - every word that people read, in both languages. */

export type Language = "de" | "en";

const en = {
	title: "Konklave",
	lede: "A meeting that only its people can see and hear.",
	joinTitle: "Join the meeting",
	joinAt: "at {site}",
	name: "Your name",
	nameHint: "Others see you as a guest under this name.",
	nameBad: "Please use a name of ordinary characters, up to 80.",
	nameMissing: "Please enter your name first.",
	camera: "Camera",
	microphone: "Microphone",
	noCamera: "No camera",
	noMicrophone: "No microphone",
	defaultDevice: "Device {n}",
	level: "Level of your microphone",
	original: "Original sound: nothing is done against echo and noise",
	preview: "Your picture",
	previewOff: "Your camera is off",
	previewNone: "You join without a camera",
	join: "Join",
	joining: "One moment …",
	language: "Language",
	sealed: "End-to-end encrypted",
	sealedShort: "Encrypted",
	sealedHint: "Picture, sound and chat are sealed in this browser and " +
	    "opened by the members alone. The server sees none of it.",
	listenOnly: "Without camera and microphone you can listen, watch and " +
	    "chat.",
	askAgain: "Try again",
	deviceDenied: "This browser may not use your {what}. Allow it in the " +
	    "browser, beside the address, and try again. You can also join " +
	    "without.",
	deviceMissing: "No {what} was found. Plug one in, or join without.",
	deviceBusy: "The {what} is in use by another program, or does not " +
	    "answer.",
	whatCamera: "camera",
	whatMicrophone: "microphone",
	muteOn: "Mute the microphone",
	muteOff: "Switch the microphone on",
	cameraOff: "Switch the camera off",
	cameraOn: "Switch the camera on",
	shareOn: "Share your screen",
	shareOff: "Stop sharing your screen",
	shareStop: "Stop",
	sharing: "You are sharing your screen. The others see it.",
	shareEnded: "Your screen is no longer shared.",
	shareFailed: "The screen could not be shared.",
	screenOf: "Screen of {name}",
	screenCame: "{name} is sharing a screen.",
	screenWent: "{name} no longer shares a screen.",
	pinOn: "Show {name} large",
	pinOff: "Show {name} as small as the others",
	chat: "Chat",
	people: "People",
	code: "Security code",
	leave: "Leave",
	leaveLong: "Leave the meeting",
	close: "Close",
	you: "you",
	verified: "verified",
	verifiedHint: "The certificate of {site} confirms this name.",
	guest: "guest",
	guestHint: "Chose this name; nobody has confirmed it.",
	muted: "muted",
	speaking: "is speaking",
	cameraIsOff: "camera off",
	connecting: "Connecting …",
	admission: "Waiting to be let in. A member hands you the keys of the " +
	    "meeting …",
	reconnecting: "The connection broke. Reconnecting …",
	retryNow: "Try now",
	mediaConnecting: "Picture and sound are on their way …",
	connected: "Connected",
	alone: "You are alone here. The others will appear when they join.",
	youAreMuted: "You are muted.",
	youAreHeard: "Your microphone is on.",
	cameraIsOn: "Your camera is on.",
	cameraIsOffNow: "Your camera is off.",
	came: "{name} is here.",
	went: "{name} has left.",
	message: "Your message",
	send: "Send",
	chatEmpty: "No messages yet. They are sealed for those who are here " +
	    "now, and are kept nowhere.",
	chatNew: "Message from {name}",
	codeQr: "The same code as a QR code, to scan with another device",
	codeText: "Compare this code with the one on the room's screen, or let " +
	    "somebody whose voice you know read it out. If both are the same, " +
	    "nobody listens in between.",
	codeChanges: "The code is new whenever somebody joins or leaves, and " +
	    "every half minute. Compare it at the same moment.",
	codeEpoch: "Epoch {n}",
	codeNone: "The code appears as soon as you have been let in.",
	linesOne: "1 telephone line, unprotected beyond {where}",
	linesMany: "{n} telephone lines, unprotected beyond {where}",
	linesMore: "{n} more",
	linesHint: "Who calls by telephone hears what is said here. It is " +
	    "sealed as far as the box with the lines; in the telephone network " +
	    "behind it, others can listen.",
	linesTitle: "Telephone lines",
	linesNone: "No call at the moment.",
	linesForbidden: "Telephone lines are not allowed in this meeting.",
	linesOf: "Lines of {name}",
	guestNamed: "{name} (guest)",
	lineCountOne: "1 telephone line",
	lineCountMany: "{n} telephone lines",
	lineUnknown: "unknown number",
	lineClaimed: "unverified “{name}”",
	lineClaimedHint: "The caller says this name or number. Nobody has " +
	    "checked it.",
	waitOne: "1 caller waits to be let in: {names}",
	waitMany: "{n} callers wait to be let in: {names}",
	waitMore: "{n} more",
	waitTitle: "Waiting to be let in",
	lineAdmit: "Let in",
	lineAdmitAll: "Let all in",
	lineRefuse: "Refuse",
	waitShow: "Show",
	lineDo: "{what}: {name}",
	lineSince: "since {time}",
	"line-plain": "not encrypted",
	"line-tls": "only the call's set-up is encrypted, not the voice",
	"line-srtp": "encrypted as far as the telephone exchange",
	lineMutedByHost: "muted by a host",
	lineHand: "hand up",
	lineMute: "Mute {name}",
	lineUnmute: "Let {name} speak again",
	lineRemove: "End the call of {name}",
	callerCame: "A caller has joined: {name}.",
	callerWent: "A caller has left: {name}.",
	classification: "Classification",
	locked: "Locked for callers",
	lockedHint: "A host has locked this meeting: callers wait until a host " +
	    "lets them in. Who has the link can still join.",
	hostTitle: "As a host",
	lockOn: "Lock the meeting for callers",
	lockOff: "Unlock the meeting for callers",
	linesAllow: "Allow telephone lines",
	linesForbid: "End all telephone lines and allow none",
	labelNone: "no classification",
	labelNoLines: "{label} (no telephones)",
	labelNoLinesHint: "This classification allows no telephone lines.",
	labelSet: "Set",
	labelHint: "Everybody in the meeting sees it.",
	host: "Host",
	hostHint: "Locks the meeting, lets callers in, and may end calls",
	hostMake: "Make {name} a host",
	hostTake: "{name} is to be a host no more",
	hear: "Click to hear the others",
	shortcut: "key {key}",
	controls: "Controls",
	members: "Members of the meeting",
	left: "You have left the meeting",
	leftText: "Your keys have been deleted. You can come back by the same " +
	    "link.",
	again: "Join again",
	details: "For whoever looks after the system",
	noLinkTitle: "A link leads to each meeting",
	noLink: "Open the link that you were given, or scan the code on the " +
	    "room's screen.",
	"link-malformedTitle": "This link is not complete",
	"link-malformed": "A part of the address is missing or wrong. Open the " +
	    "whole link once more; it is often cut when it is copied.",
	"link-versionTitle": "This link is of a newer kind",
	"link-version": "Reload the page. If that does not help, the site's " +
	    "software has to be updated.",
	unsupportedTitle: "This browser cannot do it",
	unsupported: "It lacks what is needed to seal picture and sound. " +
	    "Current versions of Chrome, Edge, Firefox and Safari have it.",
	insecureTitle: "This page was not opened safely",
	insecure: "Keys are made only on a page that came by https. Use the " +
	    "link as you were given it.",
	configTitle: "The page is not complete",
	config: "The server of this page does not say where the meetings are. " +
	    "Try again; if it stays so, tell whoever looks after the system.",
	versionTitle: "The versions do not fit",
	version: "The page and the server speak different versions. Reload the " +
	    "page. If that does not help, the site's software has to be " +
	    "updated.",
	deniedTitle: "This link does not open the meeting",
	denied: "The secret in the link is wrong or no longer valid. Ask for a " +
	    "new link.",
	"unknown-meetingTitle": "This meeting is not there",
	"unknown-meeting": "It has not begun, or is over. Ask whoever invited " +
	    "you, and try again.",
	fullTitle: "The meeting is full",
	full: "It has as many people as it may have. Try again when somebody " +
	    "has left.",
	refusedTitle: "The server did not let you in",
	refused: "It did not accept the request. Try again in a while.",
	unreachableTitle: "The server does not answer",
	unreachable: "Check your network connection, and whether this site's " +
	    "certificate is accepted; then try again.",
	"no-answerTitle": "Nobody has let you in",
	"no-answer": "No member of the meeting answered. Perhaps it has not " +
	    "begun; try again when somebody is there.",
	unverifiedTitle: "The meeting could not be verified",
	unverified: "What the others or the server sent does not add up, so " +
	    "this browser left before anything was shown or sent in an unsafe " +
	    "way. Try again; if it happens once more, tell whoever looks " +
	    "after the system.",
	foreignTitle: "A certificate is not of this site",
	foreign: "A member of the meeting shows a certificate that this site " +
	    "did not issue, so its name is worth nothing. This browser left. " +
	    "Tell whoever looks after the system.",
	expiredTitle: "A certificate has run out",
	expired: "A member's certificate is not valid now. Check the clock of " +
	    "this computer; if it is right, tell whoever looks after the " +
	    "system.",
	revokedTitle: "A certificate has been revoked",
	revoked: "A member shows a certificate that the site has withdrawn. " +
	    "This browser left. Tell whoever looks after the system.",
	removedTitle: "You have been removed",
	removed: "The members of the meeting took you out several times. Ask " +
	    "whoever invited you.",
	closedTitle: "The meeting is over",
	closed: "It was ended. Your keys have been deleted.",
	mediaTitle: "Picture and sound cannot be set up",
	media: "The browser and the server do not come to terms about " +
	    "transmission. Try again, or use another browser.",
	blockedTitle: "Picture and sound do not get through",
	blocked: "The network between this computer and the site lets no " +
	    "media pass. Try another network, or tell whoever looks after it " +
	    "that UDP to the site's media port has to be allowed.",
	relayTitle: "The relay does not let picture and sound through",
	relay: "On this site they go by a relay (TURN server), and it does not " +
	    "answer or does not accept this page's password. Try again; if it " +
	    "stays so, tell whoever looks after the system.",
	internalTitle: "Something went wrong here",
	internal: "The page left the meeting to be safe. Try again.",
};

export type Texts = typeof en;
export type TextName = keyof Texts;

const de: Texts = {
	title: "Konklave",
	lede: "Eine Besprechung, die nur ihre Teilnehmer sehen und hören.",
	joinTitle: "An der Besprechung teilnehmen",
	joinAt: "bei {site}",
	name: "Ihr Name",
	nameHint: "Die anderen sehen Sie unter diesem Namen als Gast.",
	nameBad: "Bitte einen Namen aus gewöhnlichen Zeichen, höchstens 80.",
	nameMissing: "Bitte geben Sie zuerst Ihren Namen ein.",
	camera: "Kamera",
	microphone: "Mikrofon",
	noCamera: "Keine Kamera",
	noMicrophone: "Kein Mikrofon",
	defaultDevice: "Gerät {n}",
	level: "Pegel Ihres Mikrofons",
	original: "Originalton: nichts gegen Echo und Geräusche",
	preview: "Ihr Bild",
	previewOff: "Ihre Kamera ist aus",
	previewNone: "Sie nehmen ohne Kamera teil",
	join: "Teilnehmen",
	joining: "Einen Augenblick …",
	language: "Sprache",
	sealed: "Ende-zu-Ende-verschlüsselt",
	sealedShort: "Verschlüsselt",
	sealedHint: "Bild, Ton und Chat werden in diesem Browser versiegelt " +
	    "und nur von den Teilnehmern geöffnet. Der Server sieht nichts " +
	    "davon.",
	listenOnly: "Ohne Kamera und Mikrofon können Sie zuhören, zusehen und " +
	    "schreiben.",
	askAgain: "Noch einmal versuchen",
	deviceDenied: "Der Browser darf {what} nicht benutzen. Erlauben Sie es " +
	    "im Browser neben der Adresse, und versuchen Sie es noch einmal. " +
	    "Sie können auch ohne teilnehmen.",
	deviceMissing: "{what} wurde nicht gefunden. Schließen Sie ein Gerät " +
	    "an, oder nehmen Sie ohne teil.",
	deviceBusy: "{what} wird von einem anderen Programm benutzt oder " +
	    "antwortet nicht.",
	whatCamera: "Ihre Kamera",
	whatMicrophone: "Ihr Mikrofon",
	muteOn: "Mikrofon stumm schalten",
	muteOff: "Mikrofon einschalten",
	cameraOff: "Kamera ausschalten",
	cameraOn: "Kamera einschalten",
	shareOn: "Bildschirm freigeben",
	shareOff: "Bildschirm nicht mehr freigeben",
	shareStop: "Beenden",
	sharing: "Sie geben Ihren Bildschirm frei. Die anderen sehen ihn.",
	shareEnded: "Ihr Bildschirm ist nicht mehr freigegeben.",
	shareFailed: "Der Bildschirm ließ sich nicht freigeben.",
	screenOf: "Bildschirm von {name}",
	screenCame: "{name} zeigt einen Bildschirm.",
	screenWent: "{name} zeigt den Bildschirm nicht mehr.",
	pinOn: "{name} groß zeigen",
	pinOff: "{name} so klein wie die anderen zeigen",
	chat: "Chat",
	people: "Teilnehmer",
	code: "Sicherheitscode",
	leave: "Verlassen",
	leaveLong: "Besprechung verlassen",
	close: "Schließen",
	you: "Sie",
	verified: "geprüft",
	verifiedHint: "Das Zertifikat von {site} bestätigt diesen Namen.",
	guest: "Gast",
	guestHint: "Hat diesen Namen selbst gewählt; niemand hat ihn bestätigt.",
	muted: "stumm",
	speaking: "spricht",
	cameraIsOff: "Kamera aus",
	connecting: "Verbindung wird aufgebaut …",
	admission: "Sie werden gleich eingelassen. Ein Teilnehmer gibt Ihnen " +
	    "die Schlüssel der Besprechung …",
	reconnecting: "Die Verbindung ist unterbrochen und wird " +
	    "wiederhergestellt …",
	retryNow: "Jetzt versuchen",
	mediaConnecting: "Bild und Ton sind unterwegs …",
	connected: "Verbunden",
	alone: "Sie sind allein hier. Die anderen erscheinen, sobald sie " +
	    "teilnehmen.",
	youAreMuted: "Sie sind stumm geschaltet.",
	youAreHeard: "Ihr Mikrofon ist an.",
	cameraIsOn: "Ihre Kamera ist an.",
	cameraIsOffNow: "Ihre Kamera ist aus.",
	came: "{name} ist da.",
	went: "{name} ist gegangen.",
	message: "Ihre Nachricht",
	send: "Senden",
	chatEmpty: "Noch keine Nachrichten. Sie sind für die versiegelt, die " +
	    "jetzt hier sind, und werden nirgends aufbewahrt.",
	chatNew: "Nachricht von {name}",
	codeQr: "Derselbe Code als QR-Code, zum Scannen mit einem anderen Gerät",
	codeText: "Vergleichen Sie diesen Code mit dem auf dem Bildschirm des " +
	    "Raums, oder lassen Sie ihn von jemandem vorlesen, dessen Stimme " +
	    "Sie kennen. Sind beide gleich, hört niemand dazwischen mit.",
	codeChanges: "Der Code ist neu, sobald jemand kommt oder geht, und " +
	    "jede halbe Minute. Vergleichen Sie im selben Augenblick.",
	codeEpoch: "Epoche {n}",
	codeNone: "Der Code erscheint, sobald Sie eingelassen sind.",
	linesOne: "1 Telefonleitung, ungeschützt hinter {where}",
	linesMany: "{n} Telefonleitungen, ungeschützt hinter {where}",
	linesMore: "{n} weiteren",
	linesHint: "Wer per Telefon anruft, hört mit, was hier gesagt wird. Es " +
	    "ist bis zum Gerät mit den Leitungen versiegelt; im Telefonnetz " +
	    "dahinter können andere mithören.",
	linesTitle: "Telefonleitungen",
	linesNone: "Zurzeit kein Anruf.",
	linesForbidden: "Telefonleitungen sind in dieser Besprechung nicht " +
	    "zugelassen.",
	linesOf: "Leitungen von {name}",
	guestNamed: "{name} (Gast)",
	lineCountOne: "1 Telefonleitung",
	lineCountMany: "{n} Telefonleitungen",
	lineUnknown: "Nummer unbekannt",
	lineClaimed: "ungeprüft „{name}“",
	lineClaimedHint: "Diesen Namen oder diese Nummer nennt der Anrufer " +
	    "selbst. Niemand hat das geprüft.",
	waitOne: "1 Anruf wartet auf Einlass: {names}",
	waitMany: "{n} Anrufe warten auf Einlass: {names}",
	waitMore: "{n} weitere",
	waitTitle: "Warten auf Einlass",
	lineAdmit: "Einlassen",
	lineAdmitAll: "Alle einlassen",
	lineRefuse: "Abweisen",
	waitShow: "Anzeigen",
	lineDo: "{what}: {name}",
	lineSince: "seit {time}",
	"line-plain": "unverschlüsselt",
	"line-tls": "nur der Verbindungsaufbau ist verschlüsselt, die Stimme " +
	    "nicht",
	"line-srtp": "verschlüsselt bis zur Telefonanlage",
	lineMutedByHost: "von der Moderation stumm geschaltet",
	lineHand: "Hand gehoben",
	lineMute: "{name} stumm schalten",
	lineUnmute: "{name} wieder sprechen lassen",
	lineRemove: "Anruf von {name} beenden",
	callerCame: "Ein Anruf ist dazugekommen: {name}.",
	callerWent: "Ein Anruf ist beendet: {name}.",
	classification: "Einstufung",
	locked: "Für Anrufe abgeschlossen",
	lockedHint: "Die Moderation hat diese Besprechung abgeschlossen: " +
	    "Anrufe warten, bis die Moderation sie einlässt. Wer den Link " +
	    "hat, kann weiterhin teilnehmen.",
	hostTitle: "Moderation",
	lockOn: "Besprechung für Anrufe abschließen",
	lockOff: "Besprechung für Anrufe aufschließen",
	linesAllow: "Telefonleitungen zulassen",
	linesForbid: "Alle Telefonleitungen beenden und keine zulassen",
	labelNone: "keine Einstufung",
	labelNoLines: "{label} (ohne Telefone)",
	labelNoLinesHint: "Diese Einstufung erlaubt keine Telefonleitungen.",
	labelSet: "Setzen",
	labelHint: "Alle in der Besprechung sehen sie.",
	host: "Moderation",
	hostHint: "Schließt die Besprechung ab, lässt Anrufe ein und kann sie " +
	    "beenden",
	hostMake: "{name} die Moderation geben",
	hostTake: "{name} die Moderation nehmen",
	hear: "Klicken, um die anderen zu hören",
	shortcut: "Taste {key}",
	controls: "Bedienung",
	members: "Teilnehmer der Besprechung",
	left: "Sie haben die Besprechung verlassen",
	leftText: "Ihre Schlüssel sind gelöscht. Über denselben Link können Sie " +
	    "wiederkommen.",
	again: "Wieder teilnehmen",
	details: "Für die Betreuung der Anlage",
	noLinkTitle: "Zu jeder Besprechung führt ein Link",
	noLink: "Öffnen Sie den Link, den Sie bekommen haben, oder scannen Sie " +
	    "den Code auf dem Bildschirm des Raums.",
	"link-malformedTitle": "Dieser Link ist nicht vollständig",
	"link-malformed": "Ein Teil der Adresse fehlt oder ist falsch. Öffnen " +
	    "Sie noch einmal den ganzen Link; beim Kopieren wird er oft " +
	    "abgeschnitten.",
	"link-versionTitle": "Dieser Link ist von neuerer Art",
	"link-version": "Laden Sie die Seite neu. Hilft das nicht, muss die " +
	    "Software der Anlage aktualisiert werden.",
	unsupportedTitle: "Dieser Browser kann das nicht",
	unsupported: "Ihm fehlt, was zum Versiegeln von Bild und Ton nötig " +
	    "ist. Aktuelle Versionen von Chrome, Edge, Firefox und Safari " +
	    "können es.",
	insecureTitle: "Diese Seite wurde nicht sicher geöffnet",
	insecure: "Schlüssel entstehen nur auf einer Seite, die über https " +
	    "kam. Benutzen Sie den Link so, wie Sie ihn bekommen haben.",
	configTitle: "Die Seite ist nicht vollständig",
	config: "Der Server dieser Seite sagt nicht, wo die Besprechungen " +
	    "sind. Versuchen Sie es noch einmal; bleibt es so, melden Sie es " +
	    "der Betreuung der Anlage.",
	versionTitle: "Die Versionen passen nicht zusammen",
	version: "Seite und Server sprechen verschiedene Versionen. Laden Sie " +
	    "die Seite neu. Hilft das nicht, muss die Software der Anlage " +
	    "aktualisiert werden.",
	deniedTitle: "Dieser Link öffnet die Besprechung nicht",
	denied: "Das Geheimnis im Link ist falsch oder gilt nicht mehr. Bitten " +
	    "Sie um einen neuen Link.",
	"unknown-meetingTitle": "Diese Besprechung gibt es nicht",
	"unknown-meeting": "Sie hat noch nicht begonnen oder ist vorbei. " +
	    "Fragen Sie, wer Sie eingeladen hat, und versuchen Sie es noch " +
	    "einmal.",
	fullTitle: "Die Besprechung ist voll",
	full: "Mehr Teilnehmer sind nicht zugelassen. Versuchen Sie es wieder, " +
	    "wenn jemand gegangen ist.",
	refusedTitle: "Der Server hat Sie nicht eingelassen",
	refused: "Er hat die Anfrage nicht angenommen. Versuchen Sie es in " +
	    "einer Weile noch einmal.",
	unreachableTitle: "Der Server antwortet nicht",
	unreachable: "Prüfen Sie Ihre Netzverbindung und ob das Zertifikat " +
	    "dieser Anlage angenommen ist; versuchen Sie es dann noch einmal.",
	"no-answerTitle": "Niemand hat Sie eingelassen",
	"no-answer": "Kein Teilnehmer hat geantwortet. Vielleicht hat die " +
	    "Besprechung noch nicht begonnen; versuchen Sie es wieder, wenn " +
	    "jemand da ist.",
	unverifiedTitle: "Die Besprechung ließ sich nicht prüfen",
	unverified: "Was die anderen oder der Server schickten, passt nicht " +
	    "zusammen. Dieser Browser ist gegangen, ehe etwas auf unsichere " +
	    "Weise gezeigt oder gesendet wurde. Versuchen Sie es noch einmal; " +
	    "geschieht es wieder, melden Sie es der Betreuung der Anlage.",
	foreignTitle: "Ein Zertifikat ist nicht von dieser Anlage",
	foreign: "Ein Teilnehmer zeigt ein Zertifikat, das diese Anlage nicht " +
	    "ausgestellt hat; sein Name ist nichts wert. Dieser Browser ist " +
	    "gegangen. Melden Sie es der Betreuung der Anlage.",
	expiredTitle: "Ein Zertifikat ist abgelaufen",
	expired: "Das Zertifikat eines Teilnehmers gilt jetzt nicht. Prüfen " +
	    "Sie die Uhr dieses Rechners; geht sie richtig, melden Sie es der " +
	    "Betreuung der Anlage.",
	revokedTitle: "Ein Zertifikat ist widerrufen",
	revoked: "Ein Teilnehmer zeigt ein Zertifikat, das die Anlage " +
	    "zurückgezogen hat. Dieser Browser ist gegangen. Melden Sie es " +
	    "der Betreuung der Anlage.",
	removedTitle: "Sie wurden aus der Besprechung genommen",
	removed: "Die anderen Teilnehmer haben Sie mehrmals herausgenommen. " +
	    "Fragen Sie, wer Sie eingeladen hat.",
	closedTitle: "Die Besprechung ist zu Ende",
	closed: "Sie wurde beendet. Ihre Schlüssel sind gelöscht.",
	mediaTitle: "Bild und Ton kommen nicht zustande",
	media: "Browser und Server werden sich über die Übertragung nicht " +
	    "einig. Versuchen Sie es noch einmal oder mit einem anderen " +
	    "Browser.",
	blockedTitle: "Bild und Ton kommen nicht durch",
	blocked: "Das Netz zwischen diesem Rechner und der Anlage lässt keine " +
	    "Medien durch. Versuchen Sie es in einem anderen Netz, oder " +
	    "melden Sie der Netzbetreuung: UDP zum Medienport der Anlage muss " +
	    "erlaubt sein.",
	relayTitle: "Die Vermittlung lässt Bild und Ton nicht durch",
	relay: "In dieser Anlage laufen sie über eine Vermittlung (TURN-Server), " +
	    "und die antwortet nicht oder nimmt das Passwort dieser Seite nicht " +
	    "an. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es dem, " +
	    "der die Anlage betreut.",
	internalTitle: "Hier ist etwas schiefgegangen",
	internal: "Die Seite hat die Besprechung sicherheitshalber verlassen. " +
	    "Versuchen Sie es noch einmal.",
};

export const texts: Record<Language, Texts> = { en, de };
export const languages: Record<Language, string> = { de: "Deutsch",
	en: "English" };

/* What the browser asks for first, of the two. */
export function languageGuess(wanted: readonly string[]): Language {
	for (const tag of wanted) {
		if (/^de\b/i.test(tag))
			return "de";
		if (/^en\b/i.test(tag))
			return "en";
	}
	return "en";
}

export type Say = (name: TextName, values?: Record<string, string | number>)
    => string;

export function sayIn(language: Language): Say {
	return (name, values = {}) => texts[language][name].replace(
	    /\{(\w+)\}/g, (whole, key: string) =>
	    key in values ? String(values[key]) : whole);
}
