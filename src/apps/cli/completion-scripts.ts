/**
 * Completion scripts for four shells. Words and flags are written into the script from the command table, so that a
 * tab is instant; only ids (runs, symbols, captures) are asked from `onetape __complete`.
 */
import type { CommandSpec, Completable, GroupSpec, Program } from "./command.js";
import type { FlagName } from "./flag-names.js";
import { flagSpec, globalFlags } from "./flags.js";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

interface Context {
  /** Words that lead here, joined by a space. */
  readonly path: string;
  readonly subcommands: readonly (readonly [string, string])[];
  readonly flags: readonly FlagName[];
  readonly argument: Completable | null;
}

export function completionScript(shell: Shell, { commands, groups }: Pick<Program, "commands" | "groups">): string {
  const contexts = contextsOf(commands, groups);
  switch (shell) {
    case "bash":
      return bash(contexts);
    case "zsh":
      return zsh(contexts);
    case "fish":
      return fish(contexts);
    case "powershell":
      return powershell(contexts);
  }
}

function contextsOf(table: readonly CommandSpec[], groups: readonly GroupSpec[]): readonly Context[] {
  const visible = table.filter(({ hidden }) => hidden !== true);
  const below = (first: string): readonly (readonly [string, string])[] =>
    visible.filter(({ path }) => path.length === 2 && path[0] === first).map(({ path, summary }) => [path[1] ?? "", summary]);
  const top = [
    ...groups.map(({ name, summary }) => [name, summary] as const),
    ...visible
      .filter(({ path }) => path.length === 1 && !groups.some(({ name }) => name === path[0]))
      .map(({ path, summary }) => [path[0] ?? "", summary] as const),
  ];
  return [
    { path: "", subcommands: top, flags: globalFlags, argument: null },
    ...groups.map(({ name }) => ({ path: name, subcommands: below(name), flags: globalFlags, argument: null })),
    ...visible
      .filter(({ path }) => !(path.length === 1 && groups.some(({ name }) => name === path[0])))
      .map(({ path, flags, arguments: args }) => ({
        path: path.join(" "),
        subcommands: path.length === 1 ? below(path[0] ?? "") : [],
        flags: [...flags, ...globalFlags],
        argument: args[0]?.completes ?? null,
      })),
  ];
}

/** Flags that are followed by a value, with what completes it. */
function valueFlags(contexts: readonly Context[]): readonly (readonly [FlagName, Completable | readonly string[] | null])[] {
  const names = [...new Set(contexts.flatMap(({ flags }) => flags))].filter((name) => flagSpec(name).value !== undefined);
  return names.map((name) => [name, flagSpec(name).choices ?? flagSpec(name).completes ?? null]);
}

const isAsked = (what: Completable): boolean => what !== "files" && what !== "folders";

function bash(contexts: readonly Context[]): string {
  const reply = (what: Completable | readonly string[] | null): string => {
    if (what === null) return "COMPREPLY=()";
    if (what === "files") return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
    if (what === "folders") return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur"))';
    const words = typeof what === "string" ? `$(onetape __complete ${what} 2>/dev/null)` : what.join(" ");
    return `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`;
  };
  const replies = (words: readonly string[], argument: Completable | null): string => {
    if (words.length === 0) return reply(argument);
    if (argument === null) return reply(words);
    return `${reply(argument)}; COMPREPLY+=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
  };
  const flagWords = (flags: readonly FlagName[]): string => [...flags.map((name) => `--${name}`), "--help"].join(" ");
  return `# bash completion of onetape; load it with: eval "$(onetape completion bash)"
_onetape() {
  local cur prev path="" word i
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$path:$word" in
${contexts.flatMap(({ path, subcommands }) => subcommands.map(([name]) => `      "${path}:${name}") path="${path === "" ? name : `${path} ${name}`}" ;;`)).join("\n")}
    esac
  done
  case "$prev" in
${valueFlags(contexts)
  .map(([name, what]) => `    ${[...shortOf(name), `--${name}`].join("|")}) ${reply(what)}; return ;;`)
  .join("\n")}
  esac
  if [[ "$cur" == -* ]]; then
    case "$path" in
${contexts.map(({ path, flags }) => `      "${path}") COMPREPLY=($(compgen -W "${flagWords(flags)}" -- "$cur")) ;;`).join("\n")}
    esac
    return
  fi
  case "$path" in
${contexts
  .map(
    ({ path, subcommands, argument }) =>
      `    "${path}") ${replies(
        subcommands.map(([name]) => name),
        argument,
      )} ;;`,
  )
  .join("\n")}
  esac
}
complete -F _onetape onetape
`;
}

const shortOf = (name: FlagName): readonly string[] => {
  const { short } = flagSpec(name);
  return short === undefined ? [] : [`-${short}`];
};

const inSingleQuotes = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function zsh(contexts: readonly Context[]): string {
  const offer = (what: Completable | readonly string[] | null): string => {
    if (what === null) return "return";
    if (what === "files") return "_files";
    if (what === "folders") return "_files -/";
    return typeof what === "string" ? `compadd -- \${(f)"$(onetape __complete ${what} 2>/dev/null)"}` : `compadd -- ${what.join(" ")}`;
  };
  const described = (rows: readonly (readonly [string, string])[]): string =>
    `rows=(${rows.map(([name, says]) => inSingleQuotes(`${name}:${says.replaceAll(":", "\\:")}`)).join(" ")}); _describe -t commands command rows`;
  return `#compdef onetape
# zsh completion of onetape; load it with: source <(onetape completion zsh)
_onetape() {
  local trail="" word
  local -a rows
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$trail:$word" in
${contexts.flatMap(({ path, subcommands }) => subcommands.map(([name]) => `      "${path}:${name}") trail="${path === "" ? name : `${path} ${name}`}" ;;`)).join("\n")}
    esac
  done
  case "\${words[CURRENT-1]}" in
${valueFlags(contexts)
  .map(([name, what]) => `    ${[...shortOf(name), `--${name}`].join("|")}) ${offer(what)}; return ;;`)
  .join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    case "$trail" in
${contexts
  .map(
    ({ path, flags }) =>
      `      "${path}") rows=(${[...flags.map((name) => inSingleQuotes(`--${name}:${flagSpec(name).says.replaceAll(":", "\\:")}`)), "'--help:help'"].join(" ")}); _describe -t flags flag rows ;;`,
  )
  .join("\n")}
    esac
    return
  fi
  case "$trail" in
${contexts.map(({ path, subcommands, argument }) => `    "${path}") ${subcommands.length === 0 ? offer(argument) : argument === null ? described(subcommands) : `${described(subcommands)}; ${offer(argument)}`} ;;`).join("\n")}
  esac
}
compdef _onetape onetape
`;
}

function fish(contexts: readonly Context[]): string {
  const values = (what: Completable | readonly string[] | null): string => {
    if (what === null) return "-x";
    if (what === "files") return "-r";
    if (what === "folders") return "-xa '(__fish_complete_directories)'";
    return typeof what === "string" ? `-xa '(onetape __complete ${what} 2>/dev/null)'` : `-xa ${inSingleQuotes(what.join(" "))}`;
  };
  const lines = contexts.flatMap(({ path, subcommands, flags, argument }) => {
    const when = `-n '__onetape_at "${path}"'`;
    return [
      ...subcommands.map(([name, says]) => `complete -c onetape ${when} -xa ${name} -d ${inSingleQuotes(says)}`),
      ...(argument === null ? [] : [`complete -c onetape ${when} ${argument === "files" ? "-F" : values(argument)}`]),
      ...flags.map((name) => {
        const { short, value, choices, completes, says } = flagSpec(name);
        const takes = value === undefined ? "" : ` ${values(choices ?? completes ?? null)}`;
        return `complete -c onetape ${when} -l ${name}${short === undefined ? "" : ` -s ${short}`}${takes} -d ${inSingleQuotes(says)}`;
      }),
    ];
  });
  return `# fish completion of onetape; load it with: onetape completion fish | source
function __onetape_at
  set -l trail
  for word in (commandline -opc)[2..-1]
    switch "$trail:$word"
${contexts.flatMap(({ path, subcommands }) => subcommands.map(([name]) => `      case "${path}:${name}"\n        set trail "${path === "" ? name : `${path} ${name}`}"`)).join("\n")}
    end
  end
  test "$trail" = "$argv[1]"
end
complete -c onetape -f
${lines.join("\n")}
`;
}

function powershell(contexts: readonly Context[]): string {
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ");
  const offered = (what: Completable | readonly string[] | null): string => {
    if (what === null) return "@()";
    if (typeof what !== "string") return `@(${quoted(what)})`;
    return isAsked(what)
      ? `@(onetape __complete ${what} 2>$null)`
      : `@((Get-ChildItem -Path "$word*"${what === "folders" ? " -Directory" : ""} -ErrorAction SilentlyContinue).Name)`;
  };
  const together = (words: readonly string[], argument: Completable | null): string => {
    if (words.length === 0) return offered(argument);
    return argument === null ? offered(words) : `${offered(words)} + ${offered(argument)}`;
  };
  return `# PowerShell completion of onetape; load it with: onetape completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName onetape -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })
  $trail = ''
  foreach ($part in ($words | Select-Object -Skip 1)) {
    switch -CaseSensitive ("\${trail}:$part") {
${contexts.flatMap(({ path, subcommands }) => subcommands.map(([name]) => `      '${path}:${name}' { $trail = '${path === "" ? name : `${path} ${name}`}' }`)).join("\n")}
    }
  }
  $found = $null
  if ($words.Count -gt 1) {
    switch -CaseSensitive ($words[-1]) {
${valueFlags(contexts)
  .flatMap(([name, what]) => [...shortOf(name), `--${name}`].map((flag) => `      '${flag}' { $found = ${offered(what)} }`))
  .join("\n")}
    }
  }
  if ($null -eq $found) {
    if ($word -like '-*') {
      switch -CaseSensitive ($trail) {
${contexts.map(({ path, flags }) => `        '${path}' { $found = @(${quoted([...flags.map((name) => `--${name}`), "--help"])}) }`).join("\n")}
      }
    } else {
      switch -CaseSensitive ($trail) {
${contexts
  .map(
    ({ path, subcommands, argument }) =>
      `        '${path}' { $found = ${together(
        subcommands.map(([name]) => name),
        argument,
      )} }`,
  )
  .join("\n")}
      }
    }
  }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}
