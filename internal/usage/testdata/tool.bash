# bash completion for tool
_tool() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                COMPREPLY=($(compgen -c -- "$cur"))
            fi
            return
        fi
    done
    case $prev in
    esac
    if ((COMP_CWORD > 1)); then
        case ${COMP_WORDS[1]} in
        show) [[ $cur != -* ]] || COMPREPLY=($(compgen -W "--all --help --version" -- "$cur")) ;;
        mend) [[ $cur != -* ]] || COMPREPLY=($(compgen -W "--all --help --version" -- "$cur")) ;;
        esac
        return
    fi
    COMPREPLY=($(compgen -W "show mend --help --version" -- "$cur"))
}
complete -o default -F _tool tool
