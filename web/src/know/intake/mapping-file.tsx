import { Button, FileButton, Group } from "@mantine/core";
import { IconDownload, IconFileImport } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import type { Mapping } from "../../api/types";
import { saveText } from "../../ui/save";
import { ProblemNotice } from "../../ui/states";

/** Saves a mapping as the file that the command line takes. */
export function SaveMapping({ mapping }: { mapping: () => Mapping }) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: (body: Mapping) => ask(api.POST("/imports/mapping", { body })),
    onSuccess: (written, { kind }) => saveText(`${kind}.yaml`, written.text, "application/yaml"),
  });
  return (
    <>
      <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} loading={save.isPending} onClick={() => save.mutate(mapping())}>
        {t("import.save_mapping")}
      </Button>
      {save.error && <ProblemNotice cause={save.error} />}
    </>
  );
}

/** Takes a mapping file for the present one, and saves the present one. */
export function MappingFile({ onText, mapping, busy }: { onText: (text: string) => void; mapping?: () => Mapping; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" mt={{ base: 0, sm: 24 }}>
      <FileButton accept=".yaml,.yml,.json" onChange={(file) => void file?.text().then(onText)}>
        {(props) => (
          <Button {...props} size="compact-sm" variant="default" leftSection={<IconFileImport size={14} />} loading={busy}>
            {t("import.use_mapping")}
          </Button>
        )}
      </FileButton>
      {mapping && <SaveMapping mapping={mapping} />}
    </Group>
  );
}
