import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries";
import type { Session } from "../api/types";

/** The signed-in session. Pages are only shown inside the shell, which has it. */
export function useSession(): Session | undefined {
  return useQuery({ ...sessionQuery, enabled: false }).data;
}

/** Whether the signed-in user may do an action such as "customer.write"; the server decides again. */
export function useCan(): (action: string) => boolean {
  const can = useSession()?.can ?? [];
  return (action) => can.includes(action);
}
