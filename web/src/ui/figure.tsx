import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Tooltip } from "@mantine/core";
import type { Search } from "./search";
import classes from "./figure.module.css";

/**
 * A number that is a link to the rows behind it (K8). `label` says in words
 * what the number counts, for the tooltip and for screen readers, who hear
 * the number as it stands first (so that voice control finds it).
 */
export function Figure({ to, search, label, children, strong }: { to: string; search?: Search; label: string; children: ReactNode; strong?: boolean }) {
  return (
    <Tooltip label={label}>
      <Link to={to} search={search as never} className={`num ${classes.figure} ${strong ? classes.strong : ""}`} aria-label={typeof children === "string" ? `${children}: ${label}` : label}>
        {children}
      </Link>
    </Tooltip>
  );
}
