import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconCopy, IconPencil, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { matricesQuery } from "../../api/queries";
import type { OfferedMatrix } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Answered } from "../../ui/states";
import { CutSettings } from "./cuts";
import { MatrixEditor } from "./editor";
import { customerMatrix, useMatrixWords } from "./words";

/** Settings › Matrices: those there are, the cut points of the customer matrix, and the editor of one's own. */
export function MatrixSettings() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const words = useMatrixWords();
  const matrices = useQuery(matricesQuery);
  if (search.cuts) return <CutSettings />;
  if (!search.edit) return <MatrixList />;
  return (
    <Answered of={matrices}>
      {(all) => {
        const of = all.find((m) => m.key === (search.of ?? search.edit));
        return (
          <>
            <PageHeader title={of && !search.of ? words.name(of) : t("matrices.new")} crumbs={[{ label: t("nav.cuts"), to: "/settings/matrix" }]}>
              {t("matrices.editor_intro")}
            </PageHeader>
            <MatrixEditor of={of} copy={Boolean(search.of)} onClose={() => change({ edit: undefined, of: undefined }, true)} />
          </>
        );
      }}
    </Answered>
  );
}

function MatrixList() {
  const { t } = useTranslation();
  const matrices = useQuery(matricesQuery);
  const can = useCan();
  return (
    <>
      <PageHeader title={t("nav.cuts")}
        actions={
          can("matrix.define") && (
            <Button component={Link} to="/settings/matrix" search={{ edit: "new" } as never} leftSection={<IconPlus size={16} />}>
              {t("matrices.new")}
            </Button>
          )
        }>
        {t("matrices.intro")}
      </PageHeader>
      <Answered of={matrices}>
        {(all) => (
          <Stack gap="sm" maw={900}>
            {all.map((m) => (
              <Listed key={m.key} of={m} may={can("matrix.define")} />
            ))}
          </Stack>
        )}
      </Answered>
    </>
  );
}

function Listed({ of, may }: { of: OfferedMatrix; may: boolean }) {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const name = words.name(of);
  const button = (search: Record<string, string>, label: string, icon: typeof IconCopy) => {
    const Icon = icon;
    return (
      <Button component={Link} to="/settings/matrix" search={search as never} size="xs" variant="default" leftSection={<Icon size={14} />} aria-label={`${label}: ${name}`}>
        {label}
      </Button>
    );
  };
  return (
    <Panel>
      <Group justify="space-between" wrap="wrap" gap="sm">
        <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
          <Group gap="xs">
            <Text fw={600}>{name}</Text>
            {of.preset && <Badge variant="default" tt="none">{t("matrices.preset")}</Badge>}
            {!of.usable && <Badge variant="light" color="yellow" c="inherit" tt="none">{t("matrices.not_usable")}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">{words.about(of)}</Text>
        </Stack>
        <Group gap="xs">
          <Button component={Link} to="/map/matrix" search={(of.key === customerMatrix ? {} : { matrix: of.key }) as never} size="xs" variant="subtle">{t("matrices.open")}</Button>
          {of.key === customerMatrix && button({ cuts: "1" }, t("matrices.cuts"), IconPencil)}
          {may && !of.preset && button({ edit: of.key }, t("action.edit"), IconPencil)}
          {may && button({ edit: "new", of: of.key }, t("matrices.copy"), IconCopy)}
        </Group>
      </Group>
    </Panel>
  );
}
