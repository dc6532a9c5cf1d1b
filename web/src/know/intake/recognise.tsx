import { Alert, Grid, Group, NumberInput, Select, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Dialect, Preview, StoredFile } from "../../api/types";
import { dateForms, delimiters, encodings } from "./dialect";
import classes from "./intake.module.css";

/** Marks what was assumed because the contents leave it open. */
const doubted = { input: { borderColor: "var(--mantine-color-yellow-6)" } };

/** How the file is written, as recognised; every point can be corrected and the rows below follow. */
export function RecogniseStep({ preview, file, busy, onDialect }: { preview: Preview; file?: StoredFile; busy: boolean; onDialect: (d: Dialect) => void }) {
  const { t } = useTranslation();
  const d = preview.dialect;
  const set = (change: Dialect) => onDialect({ ...d, ...change });
  const format = file?.format;
  const sheets = d.sheets ?? [];
  const archive = format === "zip";
  const doubt = (what: "date_order" | "decimal") => preview.doubts.includes(what);
  const choice = (values: string[], now: string | undefined) => [...new Set(now ? [now, ...values] : values)];
  const known = delimiters.map(([value, name]) => ({ value, label: t(`dialect.${name}`) }));
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t("import.recognised", { name: file?.name ?? "", columns: preview.columns.length })}
      </Text>
      {preview.doubts.length > 0 && (
        <Alert color="yellow" title={t("import.doubts")}>
          {preview.doubts.map((what) => (
            <Text size="sm" key={what}>
              {t(`import.doubt.${what}`, { form: d.date_format, mark: d.decimal })}
            </Text>
          ))}
        </Alert>
      )}
      <Grid gap="sm" align="flex-end">
        {sheets.length > 0 && (
          <Grid.Col span={{ base: 12, xs: 4 }}>
            <Select label={t(archive ? "dialect.table" : "dialect.sheet")} value={d.sheet ?? ""} allowDeselect={false} onChange={(v) => v !== null && set({ sheet: v || undefined })}
              data={[...(archive ? [{ value: "", label: t("dialect.all_tables", { count: sheets.length }) }] : []), ...sheets.map((name) => ({ value: name, label: name }))]} />
          </Grid.Col>
        )}
        {d.delimiter && (
          <>
            <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
              <Select label={t("dialect.encoding")} data={choice(encodings, d.encoding)} value={d.encoding ?? null} allowDeselect={false} onChange={(v) => v && set({ encoding: v })} />
            </Grid.Col>
            <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
              <Select label={t("dialect.delimiter")} value={d.delimiter} allowDeselect={false} onChange={(v) => v && set({ delimiter: v })}
                data={known.some((k) => k.value === d.delimiter) ? known : [...known, { value: d.delimiter, label: d.delimiter }]} />
            </Grid.Col>
            {d.delimiter !== "spaces" && (
              <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
                <Select label={t("dialect.quote")} value={(d.quote || "none") + (d.escape === "\\" ? "\\" : "")} allowDeselect={false}
                  onChange={(v) => v && set({ quote: v.replace("\\", ""), escape: v.endsWith("\\") ? "\\" : "doubled" })}
                  data={[{ value: '"', label: '"' }, { value: "'", label: "'" }, { value: '"\\', label: t("dialect.escaped", { quote: '"' }) }, { value: "'\\", label: t("dialect.escaped", { quote: "'" }) }, { value: "none", label: t("dialect.none") }]} />
              </Grid.Col>
            )}
          </>
        )}
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <NumberInput label={t("dialect.header_rows")} min={0} max={100} allowDecimal={false} value={d.header_rows ?? 1} onBlur={(e) => {
            const rows = Number(e.currentTarget.value);
            if (rows !== (d.header_rows ?? 1)) set({ header_rows: rows });
          }} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <Select label={t("dialect.decimal")} styles={doubt("decimal") ? doubted : undefined} value={d.decimal ?? "."} allowDeselect={false} onChange={(v) => v && set({ decimal: v })} data={[{ value: ".", label: "1234.56" }, { value: ",", label: "1234,56" }]} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <Select label={t("dialect.date_format")} styles={doubt("date_order") ? doubted : undefined} data={choice(dateForms, d.date_format)} value={d.date_format || null} clearable placeholder={t("dialect.as_found")} onChange={(v) => set({ date_format: v ?? undefined })} />
        </Grid.Col>
      </Grid>
      <FirstRows preview={preview} busy={busy} />
    </Stack>
  );
}

/** The first rows of a table as they are read, with what each column holds. */
export function FirstRows({ preview, busy }: { preview: Preview; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <div className={classes.rows} tabIndex={0} role="region" aria-label={t("import.first_rows")} aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
        <Table fz="xs" stickyHeader verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {preview.columns.map((c) => (
                <Table.Th key={c.name}>
                  {c.name}
                  <Text size="xs" c="dimmed" fw={400}>
                    {t(`dialect.type.${c.type}`)}
                    {c.date_format && c.date_format !== preview.dialect.date_format ? ` · ${c.date_format}` : ""}
                  </Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.rows.map((row, i) => (
              <Table.Tr key={i}>
                {row?.map((cell, j) => (
                  <Table.Td key={j} className="num">
                    {cell}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Group>
        <Text size="xs" c="dimmed">
          {t("import.first_rows_note", { count: preview.rows.length })}
        </Text>
      </Group>
    </Stack>
  );
}
