import { Box, Group, Select, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { matricesQuery, versionsQuery } from "../../api/queries";
import { DownloadArea, DownloadMenu, FileOffer } from "../../ui/download";
import { FilterBar, filtersOf, segmentOf } from "../../ui/filter";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { AsOf } from "../scoring/as-of";
import { views } from "./views";
import { customerMatrix, useMatrixWords } from "./words";

/** Map › Matrix: where every customer stands in the chosen matrix, by view. Matrix, date, filter and view stand in the address. */
export function MatrixPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const words = useMatrixWords();
  const matrices = useQuery(matricesQuery).data ?? [];
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const matrix = search.matrix || customerMatrix;
  const chosen = matrices.find((m) => m.key === matrix);
  const fitting = views.filter((v) => !v.fits || v.fits(matrix));
  const view = fitting.find((v) => v.key === search.view) ?? fitting[0]!;
  return (
    <>
      <PageHeader title={chosen ? words.name(chosen) : t("nav.matrix")}
        actions={
          <>
            {matrices.length > 1 && (
              <Select aria-label={t("matrices.choose")} w={{ base: "100%", xs: 250 }} data={matrices.map((m) => ({ value: m.key, label: words.name(m), disabled: !m.usable }))}
                value={matrix} allowDeselect={false} onChange={(key) => key && change({ matrix: key === customerMatrix ? undefined : key }, true)} />
            )}
            <AsOf shown={search.as_of || latest} onChange={(as_of) => change({ as_of, from: undefined, to: undefined }, true)} />
          </>
        }>
        {chosen && matrix !== customerMatrix && words.about(chosen)}
      </PageHeader>
      <Tabs value={view.key} onChange={(key) => change({ view: key && key !== fitting[0]?.key ? key : undefined }, true)} mb="md" keepMounted={false}>
        <Tabs.List className="no-print">
          {fitting.map((v) => (
            <Tabs.Tab key={v.key} value={v.key}>
              {t(`view.${v.key}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {fitting.map((v) => (
          <Tabs.Panel key={v.key} value={v.key} pt="md">
            {v.key === view.key && (
              <DownloadArea key={v.key} name={t(`view.${v.key}`)}>
                <div data-downloads>
                  <FileOffer kind="pdf" label={t("download.report")} href={address("/matrix/report.pdf", { as_of: search.as_of, matrix: matrix === customerMatrix ? undefined : matrix, direct: search.direct === "true" ? "true" : undefined, ...filtersOf(search), ...segmentOf(search) })} />
                  <Group mb="md" gap="sm" className="no-print">
                    <FilterBar search={search} change={change} segments />
                    {search.direct && search.unit && <Text size="sm" c="dimmed">{t("compare.direct_note")}</Text>}
                    <Box ml="auto">
                      <DownloadMenu wide />
                    </Box>
                  </Group>
                  {v.show({ matrix, search, change })}
                </div>
              </DownloadArea>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
