import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "./states";

/**
 * A button that asks before it acts. The dialog stays open with the problem
 * when the action fails, and closes when it is done.
 */
export function ConfirmButton({
  label,
  title,
  children,
  confirm,
  onConfirm,
  danger = true,
  compact,
  disabled,
  ariaLabel,
}: {
  label: ReactNode;
  title: string;
  children: ReactNode;
  confirm: string;
  onConfirm: () => Promise<unknown>;
  danger?: boolean;
  compact?: boolean;
  /** Why stands beside the button, in words. */
  disabled?: boolean;
  ariaLabel?: string;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const act = useMutation({ mutationFn: onConfirm, onSuccess: () => setOpen(false) });
  const close = () => {
    act.reset();
    setOpen(false);
  };
  return (
    <>
      <Button size={compact ? "compact-xs" : "sm"} variant={compact ? "subtle" : "default"} color={danger ? "red" : undefined} disabled={disabled} onClick={() => setOpen(true)} aria-label={ariaLabel}>
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={title} closeButtonProps={{ "aria-label": t("action.close") }}>
        <Stack>
          <Text size="sm" component="div">
            {children}
          </Text>
          {act.error && <ProblemNotice cause={act.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close} data-autofocus>
              {t("action.cancel")}
            </Button>
            <Button color={danger ? "red" : undefined} loading={act.isPending} onClick={() => act.mutate()}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
