#include "server/commands/command.hpp"

namespace doorstep::commands {

std::string bash_completion() {
  return R"(# bash completion for doorstepd; use: source <(doorstepd completion bash)
_doorstepd() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" options=
  case "$before" in
    --data) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --schema|--tls-cert|--tls-key) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --role) [[ ${COMP_WORDS[1]} == console-code ]] && mapfile -t COMPREPLY < <(compgen -W 'secretary office' -- "$word"); return ;;
    --sample) mapfile -t COMPREPLY < <(compgen -W 'dushi xupu' -- "$word"); return ;;
    completion) mapfile -t COMPREPLY < <(compgen -W bash -- "$word"); return ;;
  esac
  case "${COMP_WORDS[1]}" in
    init) options='--data --schema --name --json' ;;
    serve) options='--data --listen --tls-cert --tls-key --insecure-listen --console --console-host --json --log-json --verbose' ;;
    console-code) options='--data --name --role --json' ;;
    enrol) options='--data --scope --role --name --json' ;;
    devices|verify) options='--data --json' ;;
    compare) options='--data --wait --last --json' ;;
    conflicts) options='--data --json --open --table --limit' ;;
    decide) options='--data --keep --value --undo --by --json' ;;
    explain) options='--data --json' ;;
    duplicates) options='accept reject unmerge --data --all --json --by --survivor' ;;
    quarantine) options='show admit discard --data --all --json --by' ;;
    grant) options='--data --scope --json' ;;
    revoke) options='--data --lost' ;;
    collect) options='--data --dry-run --horizon-days --json' ;;
    import-rescued) mapfile -t COMPREPLY < <(compgen -f -W '--data --device --json --help' -- "$word"); return ;;
    backup|restore) mapfile -t COMPREPLY < <(compgen -f -W '--data --json --help' -- "$word"); return ;;
    reset) options='--data --yes --json' ;;
    restored) options='discard --data --json' ;;
    report) options='weekly monthly publicity close closed --data --scope --week --month --period --by --why --anyway --figures --json --csv --html' ;;
    load) options='--data --sample --seed --json' ;;
    schema) options='apply list show --data --dry-run --json' ;;
  esac
  if ((COMP_CWORD == 1)); then
    options='init serve console-code enrol devices grant revoke conflicts decide explain duplicates quarantine import-rescued report verify compare backup restore restored reset collect load schema completion --help --version'
  fi
  mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$word")
}
complete -F _doorstepd doorstepd
)";
}

}  // namespace doorstep::commands
