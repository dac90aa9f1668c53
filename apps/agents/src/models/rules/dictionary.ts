export type Language = 'en' | 'de';
export type Gender = 'm' | 'f' | 'n';

/** English and German; where a word stands several times, its first line is how it is translated. */
const PHRASES = `
good morning=guten Morgen, good day=guten Tag, good evening=guten Abend, good night=gute Nacht,
thank you very much=vielen Dank, thank you=danke, thanks a lot=vielen Dank, you are welcome=gern geschehen,
how are you=wie geht es Ihnen, i am fine=mir geht es gut, see you soon=bis bald, of course=natürlich,
for example=zum Beispiel, that is=das heißt, at least=mindestens, at most=höchstens, at the moment=im Moment,
as soon as possible=so bald wie möglich, best regards=mit besten Grüßen, kind regards=mit freundlichen Grüßen,
yours sincerely=mit freundlichen Grüßen, dear sir or madam=sehr geehrte Damen und Herren, a lot of=viel,
in front of=vor, because of=wegen, instead of=statt, more than=mehr als, less than=weniger als,
there is=es gibt, there are=es gibt, each other=einander, as well as=sowie, so that=damit, in order to=um zu,
right of withdrawal=Widerrufsrecht, terms and conditions=Geschäftsbedingungen, free of charge=kostenlos,
in stock=auf Lager, out of stock=ausverkauft, per cent=Prozent, every day=jeden Tag, last year=letztes Jahr,
next week=nächste Woche, next year=nächstes Jahr, this year=dieses Jahr, do not=nicht, does not=nicht,
did not=nicht, is not=ist nicht, are not=sind nicht, can not=kann nicht, i am=ich bin, we are=wir sind,
you are=Sie sind, they are=sie sind, he is=er ist, she is=sie ist, it is=es ist, i have=ich habe, we have=wir haben,
they have=sie haben, you have=Sie haben`;

const WORDS = `
and=und, or=oder, but=aber, not=nicht, no=nein, yes=ja, please=bitte, hello=hallo, hi=hallo, with=mit, without=ohne,
for=für, of=von, from=von, to=zu, in=in, on=auf, at=bei, by=von, about=über, after=nach, before=vor, between=zwischen,
under=unter, over=über, through=durch, against=gegen, until=bis, since=seit, during=während, if=wenn, when=wenn,
because=weil, that=dass, than=als, as=als, so=so, also=auch, too=auch, only=nur, very=sehr, more=mehr, most=meist,
less=weniger, all=alle, every=jeder, each=jeder, some=einige, many=viele, much=viel, few=wenige, other=andere,
here=hier, there=dort, now=jetzt, today=heute, tomorrow=morgen, yesterday=gestern, always=immer, never=nie,
often=oft, again=wieder, still=noch, already=schon, soon=bald, then=dann, good=gut, well=gut, i=ich, we=wir,
you=Sie, he=er,
she=sie, they=sie, it=es, me=mich, us=uns, him=ihn, them=sie, my=mein, our=unser, your=Ihr, his=sein, her=ihr,
their=ihr, its=sein, this=dieser, these=diese, those=jene, who=wer, what=was, where=wo, why=warum, how=wie,
which=welche, is=ist, are=sind, was=war, were=waren, be=sein, been=gewesen, have=haben, has=hat, had=hatte, do=tun,
does=tut, did=tat, can=kann, could=könnte, may=darf, might=könnte, must=muss, should=sollte, will=wird, would=würde,
shall=soll, go=gehen, goes=geht, went=ging, come=kommen, comes=kommt, came=kam, make=machen, makes=macht,
made=gemacht, give=geben, gives=gibt, gave=gab, take=nehmen, takes=nimmt, took=nahm, see=sehen, sees=sieht,
saw=sah, know=wissen, knows=weiß, think=denken, want=wollen, need=brauchen, needs=braucht, find=finden,
say=sagen, says=sagt, said=sagte, ask=fragen, answer=antworten, help=helfen, work=arbeiten, works=arbeitet,
live=leben, lives=lebt, write=schreiben, writes=schreibt, read=lesen, reads=liest, speak=sprechen, buy=kaufen,
bought=gekauft, sell=verkaufen, sells=verkauft, sold=verkauft, pay=bezahlen, paid=bezahlt, send=senden, sent=gesendet,
receive=erhalten, received=erhalten, order=bestellen, ordered=bestellt, deliver=liefern, delivered=geliefert,
return=zurückgeben, open=öffnen, opens=öffnet, close=schließen, begin=beginnen, begins=beginnt, end=enden,
show=zeigen, shows=zeigt, use=verwenden, used=verwendet, change=ändern, keep=behalten, stay=bleiben, become=werden,
translate=übersetzen, summarize=zusammenfassen, wash=waschen, wear=tragen, fit=passen, fits=passt, love=lieben,
like=mögen, better=besser, best=beste, bad=schlecht, new=neu, old=alt, big=groß, large=groß, small=klein,
long=lang, short=kurz, high=hoch, low=niedrig, warm=warm, cold=kalt, fast=schnell, slow=langsam, soft=weich,
hard=hart,
light=leicht, heavy=schwer, beautiful=schön, cheap=billig, expensive=teuer, free=frei, important=wichtig,
possible=möglich, ready=fertig, right=richtig, wrong=falsch, red=rot, blue=blau, green=grün, white=weiß,
black=schwarz, grey=grau, yellow=gelb, brown=braun, first=erste, second=zweite, third=dritte, last=letzte,
next=nächste, one=eins, two=zwei, three=drei, four=vier, five=fünf, six=sechs, seven=sieben, eight=acht, nine=neun,
ten=zehn, hundred=hundert, thousand=tausend, german=deutsch, english=englisch, simple=einfach, whole=ganz`;

/** With the gender of the German one, and its plural. */
const NOUNS = `
house=Haus n Häuser, world=Welt f Welten, day=Tag m Tage, week=Woche f Wochen, month=Monat m Monate,
year=Jahr n Jahre,
hour=Stunde f Stunden, minute=Minute f Minuten, time=Zeit f Zeiten, morning=Morgen m Morgen, evening=Abend m Abende,
night=Nacht f Nächte, man=Mann m Männer, woman=Frau f Frauen, child=Kind n Kinder, person=Person f Personen,
friend=Freund m Freunde, people=Leute f Leute, name=Name m Namen, city=Stadt f Städte, country=Land n Länder,
street=Straße f Straßen, door=Tür f Türen, window=Fenster n Fenster, table=Tisch m Tische, book=Buch n Bücher,
page=Seite f Seiten, letter=Brief m Briefe, word=Wort n Wörter, sentence=Satz m Sätze, text=Text m Texte,
document=Dokument n Dokumente, file=Datei f Dateien, question=Frage f Fragen, language=Sprache f Sprachen,
water=Wasser n Wasser, bread=Brot n Brote, coffee=Kaffee m Kaffees, food=Essen n Essen, sun=Sonne f Sonnen,
summer=Sommer m Sommer, winter=Winter m Winter, spring=Frühling m Frühlinge, autumn=Herbst m Herbste,
dog=Hund m Hunde, cat=Katze f Katzen, tree=Baum m Bäume, shop=Laden m Läden, store=Geschäft n Geschäfte,
customer=Kunde m Kunden, price=Preis m Preise, product=Produkt n Produkte, invoice=Rechnung f Rechnungen,
bill=Rechnung f Rechnungen, contract=Vertrag m Verträge, offer=Angebot n Angebote, delivery=Lieferung f Lieferungen,
payment=Zahlung f Zahlungen, money=Geld n Gelder, euro=Euro m Euro, discount=Rabatt m Rabatte,
sale=Verkauf m Verkäufe,
company=Unternehmen n Unternehmen, service=Dienst m Dienste, team=Team n Teams, address=Adresse f Adressen,
size=Größe f Größen, colour=Farbe f Farben, color=Farbe f Farben, quality=Qualität f Qualitäten,
material=Material n Materialien, linen=Leinen n Leinen, cotton=Baumwolle f Baumwollen, wool=Wolle f Wollen,
silk=Seide f Seiden, leather=Leder n Leder, shirt=Hemd n Hemden, blouse=Bluse f Blusen, blazer=Blazer m Blazer,
jacket=Jacke f Jacken, coat=Mantel m Mäntel, dress=Kleid n Kleider, skirt=Rock m Röcke, shoe=Schuh m Schuhe,
button=Knopf m Knöpfe, pocket=Tasche f Taschen, bag=Tasche f Taschen, goods=Ware f Waren, part=Teil m Teile,
number=Zahl f Zahlen, example=Beispiel n Beispiele, problem=Problem n Probleme, solution=Lösung f Lösungen,
report=Bericht m Berichte, summary=Zusammenfassung f Zusammenfassungen, translation=Übersetzung f Übersetzungen,
meeting=Besprechung f Besprechungen, decision=Entscheidung f Entscheidungen, budget=Budget n Budgets,
market=Markt m Märkte, partner=Partner m Partner, plan=Plan m Pläne, project=Projekt n Projekte,
key=Schlüssel m Schlüssel`;

interface Noun {
  readonly english: string;
  readonly german: string;
  readonly gender: Gender;
  readonly plural: string;
}

const entriesOf = (list: string) =>
  list
    .split(',')
    .map((entry) => entry.trim().split('='))
    .map(([english = '', german = '']) => ({ english, german }));

const nouns: readonly Noun[] = entriesOf(NOUNS).map(({ english, german }) => {
  const [singular = '', gender = 'n', plural = ''] = german.split(' ');
  return { english, german: singular, gender: gender as Gender, plural };
});

const IRREGULAR_PLURALS: Readonly<Record<string, string>> = {
  man: 'men',
  woman: 'women',
  child: 'children',
  people: 'people',
};

function pluralOf(english: string): string {
  if (/[^aeiou]y$/.test(english)) return `${english.slice(0, -1)}ies`;
  return IRREGULAR_PLURALS[english] ?? (/(s|x|sh|ch)$/.test(english) ? `${english}es` : `${english}s`);
}

const pairs: readonly (readonly [english: string, german: string])[] = [
  ...entriesOf(PHRASES).map(({ english, german }) => [english, german] as const),
  ...entriesOf(WORDS).map(({ english, german }) => [english, german] as const),
  ...nouns.map(({ english, german }) => [english, german] as const),
  ...nouns.map(({ english, plural }) => [pluralOf(english), plural] as const),
];

/** By lower-case words and phrases of the language that is translated from. */
export const DICTIONARY: Readonly<Record<Language, ReadonlyMap<string, string>>> = {
  en: firstOf(pairs),
  de: firstOf(pairs.map(([english, german]) => [german, english])),
};

/** Of German nouns in the singular. */
export const GENDERS: ReadonlyMap<string, Gender> = new Map(
  nouns.map(({ german, gender }) => [german, gender]),
);
export const PLURALS: ReadonlySet<string> = new Set(nouns.map(({ plural }) => plural));

function firstOf(entries: readonly (readonly [string, string])[]): Map<string, string> {
  const first = new Map<string, string>();
  for (const [from, to] of entries) if (!first.has(from.toLowerCase())) first.set(from.toLowerCase(), to);
  return first;
}
