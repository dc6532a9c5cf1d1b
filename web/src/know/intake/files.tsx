import { Button, CloseButton, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { IconFileSpreadsheet, IconUpload } from "@tabler/icons-react";
import { useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { newKey } from "../../api/client";
import { upload } from "../../api/upload";
import type { StoredFile } from "../../api/types";
import { useFormat } from "../../ui/format";
import { ProblemNotice } from "../../ui/states";
import classes from "./intake.module.css";

type Sending = { key: string; file: File; part: number; waiting?: boolean; stop: AbortController; error?: unknown };

type Props = {
  files: StoredFile[];
  onChange: (change: (old: StoredFile[]) => StoredFile[]) => void;
  /** What to drop here, in words. */
  title: string;
  help: string;
  /** Whether this is the smaller of two areas. */
  small?: boolean;
};

/** Takes files by drop or choice and sends them at once, one after the other. */
export function FileDrop({ files, onChange, title, help, small }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [sending, setSending] = useState<Sending[]>([]);
  const [over, setOver] = useState(false);
  const queue = useRef(Promise.resolve());

  const patch = (key: string, change: Partial<Sending>) => setSending((all) => all.map((s) => (s.key === key ? { ...s, ...change } : s)));
  const drop = (key: string) => setSending((all) => all.filter((s) => s.key !== key));
  const send = ({ key, file, stop }: Pick<Sending, "key" | "file" | "stop">) => {
    queue.current = queue.current.then(async () => {
      if (stop.signal.aborted) return drop(key);
      try {
        const stored = await upload(file, (part, waiting) => patch(key, { part, waiting }), stop.signal);
        onChange((old) => (old.some((f) => f.id === stored.id) ? old : [...old, stored]));
        drop(key);
      } catch (error) {
        if (stop.signal.aborted) drop(key);
        else patch(key, { error, waiting: false });
      }
    });
  };
  const add = (chosen: File[]) => {
    for (const file of chosen) {
      const one = { key: newKey(), file, stop: new AbortController() };
      setSending((all) => [...all, { ...one, part: 0 }]);
      send(one);
    }
  };
  const again = (s: Sending) => {
    patch(s.key, { error: undefined });
    send(s);
  };
  const onDrop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    add([...e.dataTransfer.files]);
  };
  return (
    <Stack>
      <div className={classes.drop} data-over={over} data-small={small} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={onDrop}>
        {!small && <IconUpload size={28} stroke={1.5} aria-hidden />}
        <div className={classes.dropWords}>
          <Text fw={600} size={small ? "sm" : undefined}>
            {title}
          </Text>
          <Text size="sm" c="dimmed">
            {help}
          </Text>
        </div>
        <FileButton multiple accept=".csv,.tsv,.tab,.psv,.txt,.dat,.xlsx,.xlsm,.parquet,.gz,.zip" onChange={add}>
          {(props) => (
            <Button {...props} variant="default" size={small ? "compact-sm" : "sm"} aria-label={small ? `${t("import.choose")}: ${title}` : undefined}>
              {t("import.choose")}
            </Button>
          )}
        </FileButton>
      </div>
      {(files.length > 0 || sending.length > 0) && (
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label={title}>
          {files.map((f) => (
            <Group key={f.id} component="li" justify="space-between" wrap="nowrap" className={classes.file}>
              <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
                <IconFileSpreadsheet size={20} stroke={1.5} aria-hidden />
                <Text size="sm" fw={550} truncate>
                  {f.name}
                </Text>
                <Text size="xs" c="dimmed" className="num">
                  {f.format} · {format.bytes(f.size)}
                </Text>
              </Group>
              <CloseButton size="sm" aria-label={t("import.leave_out", { name: f.name })} onClick={() => onChange((old) => old.filter((x) => x.id !== f.id))} />
            </Group>
          ))}
          {sending.map((s) => (
            <Stack key={s.key} component="li" gap={6} className={classes.file}>
              <Group justify="space-between" wrap="nowrap">
                <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
                  <Text size="sm" truncate>
                    {s.file.name}
                  </Text>
                  {!s.error && (
                    <Text size="xs" c="dimmed" className="num" style={{ whiteSpace: "nowrap" }}>
                      {t("import.upload_sent", { sent: format.bytes(Math.round(s.part * s.file.size)), size: format.bytes(s.file.size) })}
                    </Text>
                  )}
                </Group>
                <CloseButton size="sm" aria-label={t("import.leave_out", { name: s.file.name })} onClick={() => (s.error ? drop(s.key) : s.stop.abort())} />
              </Group>
              {s.error ? <ProblemNotice cause={s.error} retry={() => again(s)} /> : <Progress value={100 * s.part} size="sm" animated={s.waiting} aria-label={s.file.name} />}
              {s.waiting && (
                <Text size="xs" c="dimmed" role="status">
                  {t("import.upload_waits")}
                </Text>
              )}
            </Stack>
          ))}
        </Stack>
      )}
    </Stack>
  );
}
