complete -c tool -f
complete -c tool -l help -s h -d 'show this text'
complete -c tool -l version -d 'show the version'
complete -c tool -n __fish_use_subcommand -a show -d 'show it'\''s things'
complete -c tool -n '__fish_seen_subcommand_from show' -l all -d 'all of them'
complete -c tool -n '__fish_seen_subcommand_from show' -l help -s h -d 'show this text'
complete -c tool -n '__fish_seen_subcommand_from show' -l version -d 'show the version'
complete -c tool -n '__fish_seen_subcommand_from show' -F
complete -c tool -n __fish_use_subcommand -a mend -d 'mend things'
complete -c tool -n '__fish_seen_subcommand_from mend' -l all -d 'all of them'
complete -c tool -n '__fish_seen_subcommand_from mend' -l help -s h -d 'show this text'
complete -c tool -n '__fish_seen_subcommand_from mend' -l version -d 'show the version'
