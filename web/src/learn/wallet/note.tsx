import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { walletQuery } from "../../api/queries";
import { useFormat } from "../../ui/format";

/** On the matrix: how many of the potentials nobody stated, with the page that says where they come from. */
export function EstimatedNote({ as_of }: { as_of: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const wallet = useQuery(walletQuery(as_of)).data;
  if (!wallet || wallet.estimated.customers === 0) return null;
  return (
    <>
      {" · "}
      <Link to="/map/potential" search={{ as_of } as never}>
        {t("wallet.note", { estimated: format.number(wallet.estimated.customers), known: format.number(wallet.known.customers) })}
      </Link>
    </>
  );
}
