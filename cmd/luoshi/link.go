package main

import (
	"errors"

	"github.com/spf13/cobra"

	"luoshi.dev/internal/account"
)

func (a *app) userLinkCmd() *cobra.Command {
	var issuer string
	var end bool
	cmd := &cobra.Command{
		Use: "link LOGIN [SUBJECT]", Short: "Let somebody sign in through an OpenID Connect provider",
		Long: `Say that the account with this subject (sub) at the provider is somebody here. An
account there is known by its subject alone, never by e-mail; the person can also
link it themselves, under their account. --end takes the link away, with the
sessions that are open.`,
		Example: "  luoshi user link chengyuan 8f2b1c… --oidc-issuer https://login.example.gov.cn\n  luoshi user link chengyuan --end --oidc-issuer https://login.example.gov.cn",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case issuer == "":
				return usageError{errors.New("--oidc-issuer says at which provider, as for serve")}
			case end == (len(args) == 2):
				return usageError{errors.New("give a SUBJECT, or --end")}
			}
			return a.withPerson(cmd.Context(), args[0], func(accounts *account.Accounts, p account.Listed) error {
				if end {
					err := accounts.UnlinkPerson(cmd.Context(), account.System, p.ID, issuer)
					if err == nil {
						a.say("cli.user_unlinked", "login", p.Login, "issuer", issuer)
					}
					return err
				}
				err := accounts.LinkPerson(cmd.Context(), account.System, p.ID, issuer, args[1])
				if err == nil {
					a.say("cli.user_linked", "login", p.Login, "issuer", issuer)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&issuer, "oidc-issuer", "", "the provider's address, as its tokens name it")
	cmd.Flags().BoolVar(&end, "end", false, "take the link away")
	return cmd
}
