/**
 * Whether a customer asks for no more messages, or for messages again. Only a message that says nothing else counts:
 * "please don't stop" is no opt-out. Case, accents, punctuation and surrounding blanks do not matter.
 */
export type OptOutIntent = 'stop' | 'start';

/** Written as people type them; compared in their plain form. */
const STOP_WORDS = [
  // English, and the words that carriers and other messengers have taught everybody
  ['stop', 'stop all', 'stopall', 'stop it', 'please stop', 'stop please', 'unsubscribe'],
  ['unsubscribe me', 'opt out', 'optout', 'opt-out', 'cancel', 'end', 'quit', 'remove me'],
  ['stop promotions', 'stop messages', 'stop messaging me', 'no more messages'],
  // Spanish
  ['alto', 'parar', 'basta', 'baja', 'dar de baja', 'darme de baja', 'cancelar', 'no más mensajes'],
  ['cancelar suscripción', 'detener', 'detener promociones'],
  // Portuguese
  ['pare', 'sair', 'descadastrar', 'cancelar inscrição', 'remover', 'parar promoções'],
  // French
  ['arrêt', 'arrêter', 'arrêtez', 'désabonner', 'se désabonner', 'désinscription', 'désinscrire'],
  ['stop pub', 'me désabonner', 'arrêter les promotions'],
  // German
  ['stopp', 'abmelden', 'abbestellen', 'austragen', 'abmeldung', 'keine nachrichten mehr'],
  // Italian
  ['ferma', 'fermati', 'disiscrivi', 'disiscrivimi', 'annulla iscrizione', 'cancellami'],
  // Dutch, Polish
  ['afmelden', 'uitschrijven', 'stoppen', 'wypisz', 'wypisz mnie', 'rezygnuję'],
  // Turkish
  ['dur', 'durdur', 'iptal', 'abonelikten çık', 'listeden çık', 'ret'],
  // Indonesian, Malay
  ['berhenti', 'henti', 'hentikan', 'berhenti berlangganan'],
  // Russian, Ukrainian
  ['стоп', 'отписаться', 'отписка', 'отмена', 'відписатися'],
  // Arabic, Hebrew, Persian
  [
    'توقف',
    'قف',
    'إيقاف',
    'ايقاف',
    'الغاء',
    'إلغاء',
    'إلغاء الاشتراك',
    'עצור',
    'הסר',
    'הסירו',
    'لغو',
  ],
  // Hindi, Bengali, Urdu
  ['रोकें', 'रोको', 'रुकें', 'रुको', 'बंद करें', 'बंद करो', 'बंद', 'स्टॉप', 'থামুন', 'বন্ধ করুন', 'بند کریں'],
  // Chinese, Japanese, Korean, Vietnamese, Thai
  [
    '停止',
    '退订',
    '退訂',
    '取消订阅',
    '配信停止',
    '停止する',
    '중지',
    '수신거부',
    'dừng',
    'hủy',
    'หยุด',
    'ยกเลิก',
  ],
].flat();

const START_WORDS = [
  ['start', 'unstop', 'subscribe', 'resume', 'opt in', 'optin', 'opt-in', 'resubscribe'],
  ['empezar', 'iniciar', 'reanudar', 'suscribir', 'suscribirme', 'alta'],
  ['começar', 'voltar', 'inscrever', 'retomar'],
  ['démarrer', 'reprendre', "s'abonner", 'abonner'],
  ['starten', 'anmelden', 'abonnieren', 'fortsetzen'],
  ['inizia', 'riprendi', 'iscrivimi', 'iscriviti'],
  ['aanmelden', 'inschrijven', 'zapisz', 'wznów'],
  ['başla', 'başlat', 'abone ol', 'devam'],
  ['mulai', 'lanjutkan', 'berlangganan'],
  ['старт', 'подписаться', 'возобновить', 'підписатися'],
  ['ابدأ', 'بدء', 'اشتراك', 'התחל', 'הצטרף', 'شروع'],
  ['शुरू', 'शुरू करें', 'शुरू करो', 'স্টার্ট', 'শুরু করুন', 'شروع کریں'],
  ['开始', '訂閱', '订阅', '再開', '시작', 'bắt đầu', 'เริ่ม'],
].flat();

/**
 * Words that business buttons use for something else: "Cancel" on an order, "Start" on a survey. Typed as a whole
 * message they count, as everybody has learnt from text messages; tapped they do not.
 */
const TYPED_ONLY: ReadonlySet<string> = new Set(
  [
    ['cancel', 'end', 'quit', 'cancelar', 'remover', 'detener', 'baja', 'sair', 'ferma', 'iptal'],
    ['отмена', 'إلغاء', 'الغاء', 'لغو', 'hủy', 'ยกเลิก', 'बंद', '停止', '停止する', '중지'],
    ['start', 'resume', 'empezar', 'iniciar', 'reanudar', 'alta', 'começar', 'voltar', 'retomar'],
    ['démarrer', 'reprendre', 'starten', 'anmelden', 'fortsetzen', 'inizia', 'riprendi', 'başla'],
    ['başlat', 'devam', 'mulai', 'lanjutkan', 'старт', 'возобновить', 'ابدأ', 'بدء', 'התחל'],
    ['شروع', 'शुरू', 'शुरू करें', 'शुरू करो', '开始', '再開', '시작', 'bắt đầu', 'เริ่ม', 'aanmelden'],
  ]
    .flat()
    .map(plain),
);

const INTENTS: ReadonlyMap<string, OptOutIntent> = new Map([
  ...START_WORDS.map((word) => [plain(word), 'start'] as const),
  ...STOP_WORDS.map((word) => [plain(word), 'stop'] as const),
]);

/** No word is longer: what is longer need not be looked at. */
const MAX_LENGTH = 100;

/** An account's own words, and whether ours count beside them. */
export interface OptOutWords {
  builtIn: boolean;
  stop: readonly string[];
  start: readonly string[];
}

const BUILT_IN: OptOutWords = { builtIn: true, stop: [], start: [] };

/**
 * What the whole message asks for; null for everything else. `tapped`: the text of a button the business offered. The
 * account's own words count either way, and before ours.
 */
export function optOutIntent(
  text: string,
  tapped = false,
  own: OptOutWords = BUILT_IN,
): OptOutIntent | null {
  if (text.length > MAX_LENGTH) return null;
  const words = plain(text);
  const says = (list: readonly string[]) => list.some((word) => plain(word) === words);
  if (words !== '' && says(own.stop)) return 'stop';
  if (words !== '' && says(own.start)) return 'start';
  if (!own.builtIn || (tapped && TYPED_ONLY.has(words))) return null;
  return INTENTS.get(words) ?? null;
}

/**
 * Lower case without accents, punctuation, emoji or repeated blanks. Accents are dropped from Latin letters only: in
 * other scripts a mark can be a vowel. The Turkish dotless i counts as an i, as it is typed on other keyboards.
 */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/(?<=\p{Script=Latin}\p{M}*)\p{M}/gu, '')
    .replaceAll('ı', 'i')
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
