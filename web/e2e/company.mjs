// A company of six customers, small enough to know by heart where each must stand.
import { gzipSync } from "node:zlib";
import { workbook } from "./zip.mjs";

/** A day so many days before today, as the program writes dates. */
export function day(before) {
  return new Date(Date.now() - before * 86_400_000).toISOString().slice(0, 10);
}

const csv = (rows, delimiter) => Buffer.from(rows.map((row) => row.join(delimiter) + "\n").join(""));
const german = (date) => date.split("-").reverse().join(".");

/** Its files as an ERP would export them: each in another form, with one customer and two lines that cannot be taken. */
export function files() {
  return {
    units: { name: "units.csv", buffer: csv([["Code", "Name", "Kind", "Parent"], ["HQ", "Nordlys Group", "company", ""], ["DK", "Denmark", "country", "HQ"], ["DE", "Germany", "country", "HQ"]], ",") },
    people: { name: "people.csv", buffer: csv([["Code", "Name", "E-mail", "Title", "Unit"], ["P1", "Inge Holm", "inge@nordlys.example", "Key account manager", "DK"], ["P2", "Jonas Beck", "jonas@nordlys.example", "Sales", "DE"]], ",") },
    customers: {
      name: "customers.xlsx",
      buffer: workbook([
        ["Customer no", "Name", "Industry", "City", "Country", "Owner", "Unit"],
        ["C1", "Aalborg Shipyard", "Shipyard", "Aalborg", "DK", "P1", "DK"],
        ["C2", "Baltic Lines", "Ferries", "Kiel", "DE", "P2", "DE"],
        ["C3", "Cuxhaven Fishing", "Fishing", "Cuxhaven", "DE", "P2", "DE"],
        ["C4", "Dragør Sailing", "Leisure", "Dragør", "DK", "P1", "DK"],
        ["C5", "Esbjerg Offshore", "Offshore", "Esbjerg", "DK", "P1", "DK"],
        ["C6", "Flensburg & Sons", "Shipyard", "Flensburg", "DE", "P2", "DE"],
        ["", "Nobody's number", "Leisure", "Odense", "DK", "P1", "DK"],
      ]),
    },
    potentials: {
      name: "potentials.csv",
      buffer: csv([["Customer", "Amount", "Currency", "Source", "Valid from"], ["C1", 1200000, "EUR", "declared", day(400)], ["C2", 400000, "EUR", "surveyed", day(400)], ["C3", 300000, "EUR", "declared", day(400)], ["C4", 200000, "EUR", "estimated", day(400)], ["C5", 100000, "EUR", "declared", day(400)]], ";"),
    },
    purchases: {
      name: "purchases.csv.gz",
      buffer: gzipSync(
        csv([
          ["Invoice", "Line", "Invoice date", "Customer no", "Quantity", "Revenue", "Currency"],
          ["R1", 1, german(day(30)), "C1", 10, "60.000,00", "EUR"],
          ["R1", 2, german(day(30)), "C1", 4, "45.000,50", "EUR"],
          ["R2", 1, german(day(20)), "C1", -1, "-5.000,50", "EUR"],
          ["R3", 1, german(day(90)), "C2", 40, "280.000,00", "EUR"],
          ["R4", 1, german(day(500)), "C3", 3, "99.000,00", "EUR"],
          ["R5", 1, german(day(10)), "C99", 1, "700,00", "EUR"],
          ...Array.from({ length: 18 }, (_, i) => ["R6", i + 1, german(day(100 + i)), "C4", 2, "5.000,00", "EUR"]),
          ["R7", 1, "31.02.2026", "C4", 6, "800,00", "EUR"],
          ["R8", 1, german(day(5)), "C6", 2, "5.000,00", "EUR"],
        ], ";"),
      ),
    },
  };
}

// Potentials sum up to 2,200,000. Gold makes the first half: C1 alone. Silver the next 30 %: C2, C3. Bronze: C4, C5.
// Shares: C1 100,000 of 1,200,000; C2 280,000 of 400,000; C4 90,000 of 200,000; C3 bought 500 days ago, so not in the
// window, and C5 never; of C6 nobody knows the potential.
export const imported = {
  "Gold bubbles": { customers: "1", revenue: "EUR 100,000.00", unused: "EUR 1,100,000.00" },
  "Silver loyals": { customers: "1", revenue: "EUR 280,000.00", unused: "EUR 120,000.00" },
  "Silver prospects": { customers: "1", revenue: "EUR 0.00", unused: "EUR 300,000.00" },
  "Bronze sailers": { customers: "1", revenue: "EUR 90,000.00", unused: "EUR 110,000.00" },
  "Bronze prospects": { customers: "1", revenue: "EUR 0.00", unused: "EUR 100,000.00" },
  "Potential unknown": { customers: "1", revenue: "EUR 5,000.00" },
  "All customers": { customers: "6", revenue: "EUR 475,000.00", unused: "EUR 1,730,000.00" },
};

// After C1 turns out to need 150,000 only, and C6 says 10,000: of 1,160,000 the first half is C2 and C3, the next 30 %
// C4 and C1, which now gives us two thirds of what it needs; C6 gives us half.
export const corrected = {
  "Gold loyals": { customers: "1", revenue: "EUR 280,000.00", unused: "EUR 120,000.00" },
  "Gold prospects": { customers: "1", revenue: "EUR 0.00", unused: "EUR 300,000.00" },
  "Silver loyals": { customers: "1", revenue: "EUR 100,000.00", unused: "EUR 50,000.00" },
  "Silver sailers": { customers: "1", revenue: "EUR 90,000.00", unused: "EUR 110,000.00" },
  "Bronze prospects": { customers: "1", revenue: "EUR 0.00", unused: "EUR 100,000.00" },
  "Bronze sailers": { customers: "1", revenue: "EUR 5,000.00", unused: "EUR 5,000.00" },
  "All customers": { customers: "6", revenue: "EUR 475,000.00", unused: "EUR 685,000.00" },
};
