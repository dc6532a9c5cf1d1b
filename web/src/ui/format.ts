import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries";
import { formatOf } from "../locale";

/** Decimal digits of a currency's minor unit by ISO 4217 (DKK 2, JPY 0, KWD 3). */
export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2; // not a currency code; two digits is what the server assumes too
  }
}

/** Minor units to the major unit, for showing and for forms. */
export function major(minor: number, currency: string): number {
  return minor / 10 ** digitsOf(currency);
}

/** A typed major amount to whole minor units. */
export function minor(amount: number, currency: string): number {
  return Math.round(amount * 10 ** digitsOf(currency));
}

export type Format = ReturnType<typeof makeFormat>;

type Maybe<T> = T | null | undefined;
const none = "–";

/** Numbers, money and dates as they are written in a language. `locale` is a tag for Intl. */
export function makeFormat(locale: string, base: string) {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  // Three digits always: 12.0m is seen to be as fine as 41.2m. Below a thousand there is nothing to shorten.
  const compact = new Intl.NumberFormat(locale, { notation: "compact", minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const short = { format: (x: number) => (Math.abs(x) < 1000 ? whole : compact).format(x) };
  const rough = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
  const part = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "negative" });
  const cut = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "2-digit", timeZone: "UTC" });
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const country = new Intl.DisplayNames([locale], { type: "region" });
  return {
    locale,
    currency: base,
    number: (n: Maybe<number>) => (n == null ? none : whole.format(n)),
    quantity: (n: Maybe<number>) => (n == null ? none : fine.format(n)),
    percent: (n: Maybe<number>) => (n == null ? none : part.format(n)),
    /** A share that was set rather than measured: 25 %, not 25.0 %. */
    cut: (n: Maybe<number>) => (n == null ? none : cut.format(n)),
    /** Whole major units without the code: for columns whose head says the currency. */
    amount: (n: Maybe<number>, currency = base) => (n == null ? none : whole.format(major(n, currency))),
    /** All digits of the currency, with its code. */
    money: (n: Maybe<number>, currency = base) =>
      n == null
        ? none
        : new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "code" }).format(major(n, currency)),
    /** All digits without the code of the base currency: for columns of single lines. */
    exact: (n: Maybe<number>, currency = base) =>
      n == null
        ? none
        : new Intl.NumberFormat(locale, { minimumFractionDigits: digitsOf(currency), maximumFractionDigits: digitsOf(currency) }).format(major(n, currency)) +
          (currency === base ? "" : ` ${currency}`),
    /** As money, without the decimals of a round amount. */
    round: (n: Maybe<number>, currency = base) =>
      n == null
        ? none
        : new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "code", trailingZeroDisplay: "stripIfInteger" } as Intl.NumberFormatOptions).format(major(n, currency)),
    /** Three digits, such as 1.24m: for tiles. */
    short: (n: Maybe<number>, currency = base) => (n == null ? none : short.format(major(n, currency))),
    shortMoney: (n: Maybe<number>, currency = base) => (n == null ? none : `${short.format(major(n, currency))} ${currency}`),
    /** An amount that was set rather than measured: 1.2m, not 1.20m. */
    cutAmount: (n: Maybe<number>, currency = base) => (n == null ? none : rough.format(major(n, currency))),
    cutMoney: (n: Maybe<number>, currency = base) => (n == null ? none : `${rough.format(major(n, currency))} ${currency}`),
    date: (d: Maybe<string>) => (d ? day.format(new Date(d.slice(0, 10) + "T00:00:00Z")) : none),
    month: (d: Maybe<string>) => (d ? month.format(new Date(d.slice(0, 7) + "-01T00:00:00Z")) : none),
    instant: (d: Maybe<string>) => (d ? instant.format(new Date(d)) : none),
    country: (code: Maybe<string>) => (code && /^[A-Z]{2}$/.test(code) ? (country.of(code) ?? code) : code || none),
    bytes: (n: number) => (n < 1_000_000 ? `${fine.format(n / 1000)} kB` : `${fine.format(n / 1_000_000)} MB`),
  };
}

/** Formats in the language of the screen and the base currency of the company. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const currency = useQuery({ ...sessionQuery, enabled: false }).data?.company.base_currency ?? "EUR";
  return useMemo(() => makeFormat(formatOf(i18n.language), currency), [i18n.language, currency]);
}
