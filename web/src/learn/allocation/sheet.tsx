import { Alert, Button, FileButton, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconClipboard } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Row } from "./draft";
import { parseSheet } from "./paste";

/** Takes segments and responses from a sheet: pasted, or from a text file. */
export function PasteButton({ onRows }: { onRows: (rows: Row[]) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const read = parseSheet(text);
  return (
    <>
      <Button variant="default" leftSection={<IconClipboard size={16} />} onClick={() => setOpen(true)}>
        {t("allocation.paste")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("allocation.paste")} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}>
        <Stack gap="sm">
          <Text size="sm">{t("allocation.paste_help")}</Text>
          <Textarea label={t("allocation.paste_field")} autosize minRows={7} maxRows={16} value={text} onChange={(e) => setText(e.currentTarget.value)} placeholder={"Top\t120\t0\t774\t15\t1055\t40\t1285"} />
          {read.wrong.length > 0 && <Alert color="red" styles={{ title: { color: "var(--mantine-color-error)" } }} title={t("allocation.paste_wrong", { lines: read.wrong.slice(0, 10).join(", ") })}>{t("allocation.paste_cure")}</Alert>}
          <Group justify="space-between">
            <FileButton accept=".csv,.txt,.tsv,text/csv,text/plain" onChange={(f) => void f?.text().then(setText)}>
              {(props) => <Button variant="default" {...props}>{t("allocation.file")}</Button>}
            </FileButton>
            <Button disabled={read.rows.length === 0 || read.wrong.length > 0} onClick={() => { onRows(read.rows); setOpen(false); }}>
              {t("allocation.paste_take", { count: read.rows.length })}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
