import { Grid, Group, NumberInput, Select, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Dialect, Preview, StoredFile } from "../../api/types";
import { dateForms, encodings } from "./dialect";
import classes from "./intake.module.css";

/** How the file is written, as recognised; every point can be corrected and the rows below follow. */
export function RecogniseStep({ preview, file, busy, onDialect }: { preview: Preview; file?: StoredFile; busy: boolean; onDialect: (d: Dialect) => void }) {
  const { t } = useTranslation();
  const d = preview.dialect;
  const set = (change: Dialect) => onDialect({ ...d, ...change });
  const sheet = (d.sheets?.length ?? 0) > 0;
  const choice = (values: string[], now: string | undefined) => [...new Set(now ? [now, ...values] : values)];
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t("import.recognised", { name: file?.name ?? "", columns: preview.columns.length })}
      </Text>
      <Grid gap="sm">
        {sheet ? (
          <Grid.Col span={{ base: 12, xs: 4 }}>
            <Select label={t("dialect.sheet")} data={d.sheets} value={d.sheet ?? null} allowDeselect={false} onChange={(v) => v && set({ sheet: v })} />
          </Grid.Col>
        ) : (
          <>
            <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
              <Select label={t("dialect.encoding")} data={choice(encodings, d.encoding)} value={d.encoding ?? null} allowDeselect={false} onChange={(v) => v && set({ encoding: v })} />
            </Grid.Col>
            <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
              <Select label={t("dialect.delimiter")} value={d.delimiter ?? null} allowDeselect={false} onChange={(v) => v && set({ delimiter: v })}
                data={[{ value: ",", label: t("dialect.comma") }, { value: ";", label: t("dialect.semicolon") }, { value: "\t", label: t("dialect.tab") }, { value: "|", label: t("dialect.bar") }]} />
            </Grid.Col>
            <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
              <Select label={t("dialect.quote")} value={d.quote || "none"} allowDeselect={false} onChange={(v) => v && set({ quote: v })}
                data={[{ value: '"', label: '"' }, { value: "'", label: "'" }, { value: "none", label: t("dialect.none") }]} />
            </Grid.Col>
          </>
        )}
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <NumberInput label={t("dialect.header_rows")} min={0} max={20} allowDecimal={false} value={d.header_rows ?? 1} onBlur={(e) => {
            const rows = Number(e.currentTarget.value);
            if (rows !== (d.header_rows ?? 1)) set({ header_rows: rows });
          }} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <Select label={t("dialect.decimal")} value={d.decimal ?? "."} allowDeselect={false} onChange={(v) => v && set({ decimal: v })} data={[{ value: ".", label: "1234.56" }, { value: ",", label: "1234,56" }]} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 4, md: 2 }}>
          <Select label={t("dialect.date_format")} data={choice(dateForms, d.date_format)} value={d.date_format || null} clearable placeholder={t("dialect.as_found")} onChange={(v) => set({ date_format: v ?? undefined })} />
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
                    {c.type}
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
