/** The alphabet of GSM 03.38 with its extension. What a text needs beyond it makes it UCS-2. */
const GSM_7 =
  /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà\f^{}\\[~\]|€]*$/;

export const ENCODINGS = ['GSM-7', 'UCS-2'] as const;

/** As Dexatel tells it of every channel; WhatsApp itself has no use for it. */
export function encodingOf(text: string): (typeof ENCODINGS)[number] {
  return GSM_7.test(text) ? 'GSM-7' : 'UCS-2';
}
