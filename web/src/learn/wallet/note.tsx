import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { estimatedQuery } from "../../api/queries";
import { useFormat } from "../../ui/format";

/** On the matrix: how many of the potentials nobody stated, with the page that says where they come from. */
export function EstimatedNote({ as_of }: { as_of: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const of = useQuery(estimatedQuery(as_of)).data;
  if (!of || of.estimated === 0) return null;
  return (
    <>
      {" · "}
      <Link to="/map/potential" search={{ as_of } as never}>
        {t("wallet.note", { estimated: format.number(of.estimated), known: format.number(of.known) })}
      </Link>
    </>
  );
}
