import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import da from "./da.json";
import de from "./de.json";
import en from "./en.json";
import nl from "./nl.json";
import pl from "./pl.json";
import zhHant from "./zh-Hant.json";

/** The languages of the client, each in its own name. English is complete. */
export const languages = [
  { code: "en", name: "English", format: "en-GB" },
  { code: "da", name: "Dansk", format: "da-DK" },
  { code: "de", name: "Deutsch", format: "de-DE" },
  { code: "nl", name: "Nederlands", format: "nl-NL" },
  { code: "pl", name: "Polski", format: "pl-PL" },
  { code: "zh-Hant", name: "繁體中文", format: "zh-Hant-TW" },
] as const;

const remembered = "kvadrant.language";

function firstLanguage(): string {
  const wanted = [localStorage.getItem(remembered), ...navigator.languages];
  for (const tag of wanted) {
    if (!tag) continue;
    const exact = languages.find((l) => l.code === tag);
    const near = languages.find((l) => tag.split("-")[0] === l.code.split("-")[0]);
    const found = exact ?? near;
    if (found) return found.code;
  }
  return "en";
}

/** The tag for Intl of a language of the client: dates and numbers as written there. */
export function formatOf(language: string): string {
  return languages.find((l) => l.code === language)?.format ?? "en-GB";
}

export function chooseLanguage(code: string): void {
  localStorage.setItem(remembered, code);
  void i18n.changeLanguage(code);
}

export const i18n = i18next.createInstance();

/** Starts the translations; called once, before the first render. */
export function startLocale(): void {
  void i18n.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: "en",
    resources: {
      en: { translation: en },
      da: { translation: da },
      de: { translation: de },
      nl: { translation: nl },
      pl: { translation: pl },
      "zh-Hant": { translation: zhHant },
    },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18n.init>[0]);
  const tag = () => {
    document.documentElement.lang = i18n.language;
  };
  i18n.on("languageChanged", tag);
  tag();
}
