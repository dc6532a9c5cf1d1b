/** Currencies offered as base or for an amount: Europe and the large trading ones. */
export const currencies = [
  "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "ISK", "JPY",
  "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "TWD", "UAH", "USD", "ZAR",
];
