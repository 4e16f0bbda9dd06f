/** What WeChat says of a code that will not do: invalid, used, its user blocked, missing, too old (Global_Return_Code). Other numbers are about us. */
export const codeRefusals: ReadonlySet<number> = new Set([40029, 40163, 40226, 41008, 42003])
