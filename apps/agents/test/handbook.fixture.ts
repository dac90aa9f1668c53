/** A section of a handbook, and what somebody asks whom it answers. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** As one asks who knows what the thing is called. */
  readonly question: string;
  /** The same, in none of its words if possible. */
  readonly paraphrase: string;
}

const section = (title: string, text: string, question: string, paraphrase: string): Section => ({
  ...{ title, text, question, paraphrase },
});

/** What a shop tells its staff, a document for each subject. */
export const HANDBOOK: Readonly<Record<string, readonly Section[]>> = {
  'Orders and delivery': [
    section(
      'Returns',
      'Goods can be sent back within 30 days of delivery, unworn and with their tags. The returns label is in the parcel; a lost one is printed from the account page.',
      'How many days do customers have to send goods back?',
      'How long do I have to return a jacket?',
    ),
    section(
      'Refunds',
      'The money goes to the card or account that was used for payment and is there within five working days. For invoices that are not paid yet we cancel the amount.',
      'When is the money of a refund on the card?',
      'When will I get my money back?',
    ),
    section(
      'Dispatch',
      'Parcels leave our warehouse in Leipzig on the day after the order, Monday to Friday. Customers receive the tracking number by email.',
      'On which day do parcels leave the warehouse?',
      'How fast are purchases shipped?',
    ),
    section(
      'Countries',
      'We deliver to the European Union, Norway and Switzerland. For Norway and Switzerland the customer pays customs and import duty at the door.',
      'Which countries do we deliver to?',
      'Can you send something to a customer in Zurich?',
    ),
    section(
      'Shipping costs',
      'Shipping is free from 60 euros; below that it costs 4.90 euros a parcel. Express delivery on the next morning costs 12 euros.',
      'From how many euros is shipping free?',
      'What do I pay for postage?',
    ),
    section(
      'Damaged goods',
      'What arrives broken is replaced at once; a photograph of the damage is enough as proof. Nobody has to send the pieces back.',
      'What proof of damage do we need when goods arrive broken?',
      'My vase arrived in pieces, what now?',
    ),
  ],
  Payment: [
    section(
      'Means of payment',
      'We accept credit cards, PayPal, invoices and bank transfers in advance. Cheques and cash in letters are sent back.',
      'Do we accept PayPal?',
      'Which ways of paying are there?',
    ),
    section(
      'Gift cards',
      'A gift card is valid for three years and can be spent in several purchases. It cannot be changed into money.',
      'For how many years is a gift card valid?',
      'Does a voucher expire?',
    ),
    section(
      'Sales',
      'The price of an item on sale may fall by at most ten percent in one step. The next step is a week later at the earliest.',
      'By how many percent may a price fall in one step?',
      'How much may a discount change at once?',
    ),
    section(
      'Floor prices',
      'A price is never set below what we pay the supplier plus shipping. The finance team alone may allow an exception, in writing.',
      'Who may allow a price below what we pay the supplier?',
      'Is selling at a loss allowed?',
    ),
    section(
      'Price promise',
      'Whoever finds an item cheaper elsewhere within a week is refunded the difference. Marketplaces and private sellers do not count.',
      'What if somebody finds an item cheaper elsewhere?',
      'Do you match lower prices of competitors?',
    ),
    section(
      'Staff discount',
      'Staff may buy for themselves at a third below the listed price. Gifts for friends are not covered, and nothing may be sold on.',
      'How much below the listed price may staff buy?',
      'Do employees get a reduction?',
    ),
  ],
  'Product care': [
    section(
      'Linen',
      'Linen is washed at 30 degrees and dried on a line; the tumble dryer shrinks it. It is ironed while it is damp.',
      'At how many degrees is linen washed?',
      'How should I do the laundry for my summer shirt?',
    ),
    section(
      'Wool',
      'Sweaters of wool are washed by hand in cold water and dried lying flat. A comb removes the little knots that come from wearing.',
      'How are wool sweaters washed?',
      'How do I clean a knitted pullover?',
    ),
    section(
      'Leather',
      'Leather boots are treated with wax twice a year so that water stays out. Wet boots dry slowly, away from the heater.',
      'How often are leather boots treated with wax?',
      'How can I keep my shoes waterproof?',
    ),
    section(
      'Sizes',
      'Our sizes run small: whoever is between two of them takes the larger one. The table on the product page is in centimetres.',
      'Which size does somebody take who is between two sizes?',
      'Should I pick a bigger one?',
    ),
    section(
      'Guarantee',
      'The guarantee covers faults of material and sewing for two years. Wear, stains and cuts are not covered.',
      'How many years does the guarantee cover faults of sewing?',
      'Is there a warranty on the seams?',
    ),
    section(
      'Repairs',
      'Zippers, buttons and torn linings are mended by our tailor for a flat fee of 15 euros. It takes ten days with the post.',
      'What does it cost when the tailor mends a zipper?',
      'Can you fix my coat?',
    ),
  ],
  Customers: [
    section(
      'Complaints',
      'Complaints are answered within one working day, by a person and not by a form letter. The shift lead may offer up to 20 euros as an apology.',
      'How soon are complaints answered?',
      'How quickly do we react to unhappy buyers?',
    ),
    section(
      'Personal data',
      'The personal data of customers is erased ten years after the last invoice, as the tax law asks. Before that it can be blocked on request.',
      'When is personal data of customers erased?',
      'For how long do you keep my information?',
    ),
    section(
      'Newsletter',
      'The newsletter is sent once a month; every issue has a link to unsubscribe. New readers confirm their address first.',
      'How does a reader unsubscribe from the newsletter?',
      'How do I stop getting your emails?',
    ),
    section(
      'Reviews',
      'Reviews are published unless they insult somebody; bad marks are no reason to hide them. We answer every review with fewer than three stars.',
      'Which reviews are not published?',
      'Do you remove negative feedback?',
    ),
    section(
      'Minors',
      'Children under fourteen cannot order; their parents do it for them. We ask for the date of birth when an account is opened.',
      'Can children under fourteen order?',
      'What is the minimum age of buyers?',
    ),
    section(
      'Subscriptions',
      'A subscription to coffee beans can be paused at any time for up to three months. It ends on the day that it is cancelled.',
      'For how long can a subscription be paused?',
      'Can I take a break from my coffee deliveries?',
    ),
  ],
  'In the shop': [
    section(
      'Hours',
      'The shop in Hamburg opens at ten and closes at eight; on Sundays it stays closed. On the day before Christmas it closes at one.',
      'When does the shop in Hamburg open?',
      'What are the business hours of the store?',
    ),
    section(
      'Lost property',
      'What visitors leave behind is kept at the till for a month and then given to charity. Wallets and phones go to the police at once.',
      'How long is lost property kept at the till?',
      'What happens with things that people forget?',
    ),
    section(
      'Dogs',
      'Dogs are welcome as long as they are on a leash. There is a bowl of water beside the entrance.',
      'Are dogs welcome in the shop?',
      'May I bring my pet?',
    ),
    section(
      'Fire',
      'Fire drills take place in March and September. The meeting point is the parking lot behind the building; the lifts stay empty.',
      'Where is the meeting point of the fire drill?',
      'Where do we gather in an emergency?',
    ),
    section(
      'Theft',
      'Whoever sees somebody steal calls the security guard and does not follow the thief. The guard alone may ask to look into a bag.',
      'Who may look into a bag after a theft?',
      'What should I do about shoplifters?',
    ),
    section(
      'Stock',
      'The stock is counted on the last Sunday of each quarter, by two people a shelf. Differences above 100 euros are reported to finance.',
      'On which day is the stock counted?',
      'When is the inventory taken?',
    ),
  ],
  Work: [
    section(
      'Illness',
      'Whoever is ill calls the shift lead before eight in the morning. From the third day on we need a note from the doctor.',
      'Whom does an ill colleague call in the morning?',
      'Whom do I tell when I am sick?',
    ),
    section(
      'Holidays',
      'Holidays are asked for six weeks ahead in the calendar and confirmed within three days. Everybody has 28 days a year.',
      'How many weeks ahead are holidays asked for?',
      'How do I request vacation?',
    ),
    section(
      'Passwords',
      'Passwords have at least fourteen characters and are kept in the password manager. Nobody, not even support, asks for one by phone.',
      'How many characters does a password have?',
      'How should I store my login secrets?',
    ),
    section(
      'Suppliers',
      'New suppliers are visited once before the first order and then every second year. The report lists wages, hours and safety.',
      'When are new suppliers visited?',
      'How often do we inspect the manufacturers?',
    ),
    section(
      'Cotton',
      'Cotton is bought from organic farms in Turkey and Greece alone. Each bale has a certificate that we keep for five years.',
      'From which farms is cotton bought?',
      'Where does the fabric come from?',
    ),
    section(
      'Packaging',
      'Packaging is made of recycled cardboard, and plastic bags are not used. Boxes that customers return are used again.',
      'What is the packaging made of?',
      'Are your boxes environmentally friendly?',
    ),
  ],
};
