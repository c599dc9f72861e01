/** What the routes of risk sessions are grouped under. */
export const RISK_SESSIONS = "risk sessions";
