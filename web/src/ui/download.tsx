import { ActionIcon, Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconFileSpreadsheet, IconFileTypeCsv, IconFileTypePdf, IconPhoto } from "@tabler/icons-react";
import { createContext, useContext, useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "./states";
import { base } from "../api/client";
import { Problem, problemFrom } from "../api/problem";
import type { ChartTable } from "./chart";
import { useFormat } from "./format";
import { saveFile } from "./save";
import { useCan } from "./session";
import { readChart, reader, readTable, wordsOf, type SheetTable } from "./shown-table";

/** Something drawn: as a picture, as a table, or both. */
export type Drawing = { label: string; table?: ChartTable; picture?: (words: PictureWords) => Promise<Blob> };
/** What a picture says of itself. */
export type PictureWords = { title: string; notes: string[] };
/** A file that the server makes. */
type ServerFile = { kind: "csv" | "pdf"; href: string; label?: string };

type Area = {
  name: string;
  drawings: Map<string, Drawing>;
  files: Map<string, ServerFile>;
  /** Where charts put their switch. */
  tools: HTMLElement | null;
  setTools: (element: HTMLElement | null) => void;
};
const AreaContext = createContext<Area | null>(null);

/** The part of the page whose tables and charts one menu offers. */
export const useArea = () => useContext(AreaContext);

/** A part of the page with a menu of its own; the element that holds it carries `data-downloads`. */
export function DownloadArea({ name, children }: { name: string; children: ReactNode }) {
  const [tools, setTools] = useState<HTMLElement | null>(null);
  const [known] = useState(() => ({ drawings: new Map<string, Drawing>(), files: new Map<string, ServerFile>() }));
  const area = useMemo(() => ({ name, tools, setTools, ...known }), [name, tools, known]);
  return <AreaContext value={area}>{children}</AreaContext>;
}

/** Offers something drawn in the menu of its part of the page. */
export function useDrawing(drawing: Drawing | undefined): void {
  const key = useId();
  const drawings = useArea()?.drawings;
  useEffect(() => {
    if (!drawing || !drawings) return;
    drawings.set(key, drawing);
    return () => void drawings.delete(key);
  }, [drawing, drawings, key]);
}

/** Offers a file of the server in the menu of its part of the page: exact where the page rounds. */
export function FileOffer({ kind, href, label }: ServerFile) {
  const key = useId();
  const files = useArea()?.files;
  useEffect(() => {
    files?.set(key, { kind, href, label });
    return () => void files?.delete(key);
  }, [files, key, kind, href, label]);
  return null;
}

/** The tables of a part of the page, without those of parts in it that have their own menu. */
function tablesIn(element: Element): HTMLTableElement[] {
  return [...element.querySelectorAll("table")].filter((table) => table.closest("[data-downloads]") === element && !table.closest("[data-chart]"));
}

/** What the page says of its date, its customers and its filters. */
function notesOf(page: Element, part: Element, asOf: (date: string) => string): string[] {
  const day = page.querySelector<HTMLElement>("[data-as-of]")?.dataset.asOf;
  const said = [...page.querySelectorAll("[data-shown], [data-filter]"), ...part.querySelectorAll("[data-shown-here]")].map((element) => {
    const copy = element.cloneNode(true) as Element;
    copy.querySelectorAll('a[href^="/settings"]').forEach((link) => link.remove()); // a way to elsewhere says nothing of the figures
    return wordsOf(copy);
  });
  const date = day ? asOf(day) : "";
  return [said.some((text) => text.startsWith(date)) ? "" : date, ...said].filter(Boolean);
}

async function fetchSheets(format: "xlsx" | "csv", tables: SheetTable[]): Promise<Blob> {
  let answer: Response;
  try {
    answer = await fetch(`${base}/sheets`, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ format, tables }) });
  } catch {
    throw new Problem({ status: 0, code: "offline" });
  }
  if (!answer.ok) throw problemFrom(await answer.json().catch(() => undefined), answer.status, answer.statusText);
  return answer.blob();
}

/** The words of a name that every system takes in a file's name. */
export function fileName(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(" ").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 100) || "table";
}

type Offer = { element: Element; tables: HTMLTableElement[]; drawings: Drawing[]; files: ServerFile[] };

/**
 * The menu with everything that a part of the page can be had as. As a button
 * with its name where `wide`; in a panel it is there when there is something
 * to save (see app.css), elsewhere `always`.
 */
export function DownloadMenu({ wide, always }: { wide?: boolean; always?: boolean }) {
  const { t } = useTranslation();
  const area = useArea();
  const can = useCan();
  const target = useRef<HTMLButtonElement>(null);
  const [offer, setOffer] = useState<Offer>();
  if (!area) return null;
  const export_ = can("export.run");
  const look = () => {
    const element = target.current?.closest("[data-downloads]");
    if (element) setOffer({ element, tables: tablesIn(element), drawings: [...area.drawings.values()], files: [...area.files.values()] });
  };
  return (
    <Menu position="bottom-end" onOpen={look} withinPortal>
      <Menu.Target>
        {wide ? (
          <Button ref={target} variant="default" className="no-print" leftSection={<IconDownload size={16} />}>{t("download.title")}</Button>
        ) : (
          <ActionIcon ref={target} variant="subtle" color="gray" className={always ? "no-print" : "download no-print"} data-export={export_} aria-label={t("download.of", { name: area.name })} title={t("download.title")}>
            <IconDownload size={16} />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>{offer && <Offers of={offer} name={area.name} tables={export_} />}</Menu.Dropdown>
    </Menu>
  );
}

function Offers({ of, name, tables }: { of: Offer; name: string; tables: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useProblemWords();
  const page = document.querySelector("main") ?? document.body;
  const heading = page.querySelector("h1")?.textContent ?? "";
  const day = page.querySelector<HTMLElement>("[data-as-of]")?.dataset.asOf;
  const notes = () => notesOf(page, of.element, (date) => t("scoring.as_of", { date: format.date(date) }));
  const titled = (label: string) => [...new Set([heading, name, label])].filter(Boolean).join(": ");
  const attempt = async (ending: string, what: string, make: () => Promise<Blob>) => {
    try {
      saveFile(`${fileName(what, day)}.${ending}`, await make());
    } catch (cause) {
      const said = words(cause);
      notifications.show({ title: said.title, message: said.detail, color: "red", closeButtonProps: { "aria-label": t("action.close") } });
    }
  };
  const sheets = (): SheetTable[] => {
    const read = reader(format.locale);
    const about = [...notes(), t("download.rounded")];
    const drawn = of.drawings.flatMap((d) => (d.table ? [{ label: d.label, sheet: readChart(d.table, d.label, read) }] : []));
    const shown = of.tables.map((table) => {
      const label = table.getAttribute("aria-label") ?? table.closest("[role=region], [role=group]")?.getAttribute("aria-label") ?? name;
      return { label, sheet: readTable(table, label, read) };
    });
    return [...drawn, ...shown].map(({ label, sheet }) => ({ ...sheet, title: titled(label), notes: about }));
  };
  const pictures = of.drawings.filter((d) => d.picture);
  const csv = of.files.find((f) => f.kind === "csv");
  const rows = tables && (of.tables.length > 0 || of.drawings.some((d) => d.table));
  const file = (format: "xlsx" | "csv") => void attempt(format, name, () => fetchSheets(format, sheets()));
  return (
    <>
      {of.files.filter((f) => f.kind === "pdf").map((f) => (
        <Menu.Item key={f.href} component="a" href={f.href} download leftSection={<IconFileTypePdf size={16} />}>{f.label}</Menu.Item>
      ))}
      {pictures.map((d) => (
        <Menu.Item key={d.label} leftSection={<IconPhoto size={16} />} onClick={() => void attempt("png", d.label, () => d.picture!({ title: titled(d.label), notes: notes() }))}>
          {pictures.length > 1 ? t("download.png_of", { name: d.label }) : t("download.png")}
        </Menu.Item>
      ))}
      {rows && <Menu.Item leftSection={<IconFileSpreadsheet size={16} />} onClick={() => file("xlsx")}>{t("download.xlsx")}</Menu.Item>}
      {tables && csv ? (
        <Menu.Item component="a" href={csv.href} download leftSection={<IconFileTypeCsv size={16} />}>{t(csv.label ? "download.csv_all" : "download.csv")}</Menu.Item>
      ) : (
        rows && <Menu.Item leftSection={<IconFileTypeCsv size={16} />} onClick={() => file("csv")}>{t("download.csv")}</Menu.Item>
      )}
      {!rows && pictures.length === 0 && of.files.length === 0 && <Menu.Label>{t("download.nothing")}</Menu.Label>}
    </>
  );
}
