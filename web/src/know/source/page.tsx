import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { sourcesQuery } from "../../api/queries";
import type { Feed, Source } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { useNotify } from "../../ui/notify";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { useKindLabel } from "../intake/report";
import { Outcome, Runs } from "./runs";
import { useTurn } from "./schedule";
import { SourceForm } from "./source-form";
import classes from "./source.module.css";

/** Data › Sources: the databases that are read, what is read from each, and how that went. */
export function SourcesPage() {
  const { t } = useTranslation();
  const may = useCan()("source.manage");
  const sources = useQuery(sourcesQuery);
  const [editing, setEditing] = useState<Source | "new" | null>(null);
  const close = () => setEditing(null);
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>
      {t("sources.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.sources")} actions={add}>
        {t("sources.intro")}
      </PageHeader>
      <Answered of={sources}>
        {(list) => (
          <Stack>
            {list.length === 0 && (
              <Panel>
                <Empty title={t("sources.none_title")} action={add}>
                  {t(may ? "sources.none" : "sources.none_director")}
                </Empty>
              </Panel>
            )}
            {list.map((s) => (
              <SourcePanel key={s.id} source={s} may={may} onEdit={() => setEditing(s)} />
            ))}
            {list.length > 0 && <Runs />}
          </Stack>
        )}
      </Answered>
      <Modal opened={editing !== null} onClose={close} title={editing && editing !== "new" ? t("sources.edit", { name: editing.name }) : t("sources.add")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {editing && <SourceForm source={editing === "new" ? undefined : editing} onDone={close} />}
      </Modal>
    </>
  );
}

function SourcePanel({ source, may, onEdit }: { source: Source; may: boolean; onEdit: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const test = useMutation({
    mutationFn: () => ask(api.POST("/sources/{id}/test", { params: { path: { id: source.id } } })),
    onSuccess: () => notify(t("sources.answers", { name: source.name })),
  });
  const run = useMutation({
    mutationFn: (f: Feed) => ask(api.POST("/feeds/{id}/runs", { params: { path: { id: f.id } } })),
    onSuccess: (_, f) => {
      notify(t("sources.started", { name: f.name }));
      void queries.invalidateQueries({ queryKey: ["sources"] });
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  const problem = test.error ?? run.error;
  const actions = may && (
    <Group gap={4}>
      <Button size="compact-sm" variant="subtle" loading={test.isPending} onClick={() => test.mutate()}>
        {t("sources.test")}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={onEdit}>
        {t("action.edit")}
      </Button>
      <ConfirmButton compact label={t("sources.remove")} title={t("sources.remove_title", { name: source.name })} confirm={t("sources.remove")}
        onConfirm={async () => {
          await ask(api.DELETE("/sources/{id}", { params: { path: { id: source.id } } }));
          await queries.invalidateQueries({ queryKey: ["sources"] });
        }}>
        {t("sources.remove_text")}
      </ConfirmButton>
    </Group>
  );
  return (
    <Panel flush title={source.name} aside={actions}>
      <Group px="md" pb="sm" gap="xs" justify="space-between">
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {[t(`sources.driver.${source.driver}`), `${source.host}:${source.port}`, source.database, t("sources.as_user", { user: source.username }), t(`sources.encryption.${source.encryption}`)].join(" · ")}
        </Text>
        {may && (
          <Button component={Link} to={`/data/sources/${source.id}/feeds/new`} size="compact-sm" variant="light" leftSection={<IconPlus size={14} />}>
            {t("sources.add_feed")}
          </Button>
        )}
      </Group>
      {problem && (
        <div style={{ padding: "0 16px 12px" }}>
          <ProblemNotice cause={problem} shown={["host", "port", "password", "encryption", "database", "statement"]} />
        </div>
      )}
      {(source.feeds ?? []).length === 0 ? (
        <Empty title={t("sources.no_feeds")}>{may && t("sources.no_feeds_help")}</Empty>
      ) : (
        <ul className={classes.feeds} aria-label={t("sources.feeds", { name: source.name })}>
          {source.feeds?.map((f) => (
            <FeedLine key={f.id} source={source} feed={f} may={may} busy={run.isPending} onRun={() => run.mutate(f)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function FeedLine({ source, feed, may, busy, onRun }: { source: Source; feed: Feed; may: boolean; busy: boolean; onRun: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useKindLabel();
  const turn = useTurn();
  const last = feed.last_run;
  const pair = (name: string, value: React.ReactNode) => (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text size="sm" component="div">{value}</Text>
    </div>
  );
  return (
    <li className={classes.feed}>
      <div>
        {may ? (
          <Anchor component={Link} to={`/data/sources/${source.id}/feeds/${feed.id}`} size="sm" fw={550} aria-label={t("sources.edit_named", { name: feed.name })}>
            {feed.name}
          </Anchor>
        ) : (
          <Text size="sm" fw={550}>{feed.name}</Text>
        )}
        <Text size="xs" c="dimmed">{label(feed.kind)}</Text>
      </div>
      {pair(t("sources.when"), feed.enabled ? turn(feed.schedule) : t("sources.off"))}
      {pair(t("sources.next"), feed.next_at ? <span className="num">{format.instant(feed.next_at)}</span> : "–")}
      {pair(t("sources.last"), last ? (
        <>
          <Outcome run={last} />
          <Text size="xs" c="dimmed" className="num">{format.instant(last.started_at)}</Text>
        </>
      ) : t("sources.never"))}
      {may && (
        <Button size="compact-sm" variant="default" disabled={busy || (last && !last.ended_at)} onClick={onRun} aria-label={t("sources.run_named", { name: feed.name })}>
          {t("sources.run_now")}
        </Button>
      )}
      {last?.state === "failed" && <Text size="sm" className={classes.why} role="status">{last.error}</Text>}
    </li>
  );
}
