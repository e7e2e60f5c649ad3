package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"luoshi.dev"
	"luoshi.dev/client"
	"luoshi.dev/internal/api"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
)

// demoServer serves the API over the demonstration, as "luoshi demo" does.
func demoServer() *httptest.Server {
	svc, err := demotest.Shared()
	if err != nil {
		log.Fatal(err)
	}
	words, err := locale.New()
	if err != nil {
		log.Fatal(err)
	}
	a, err := api.New(svc.Guard(), words, api.Options{Version: "example", Trust: true, AsOf: luoshi.Date(20200731).End()})
	if err != nil {
		log.Fatal(err)
	}
	return httptest.NewServer(gate.Wrap(a, gate.Options{Fail: a.Fail, Bodies: a.Bodies}))
}

// How a province stands, as of one day.
func Example() {
	server := demoServer() // in earnest: luoshi serve
	defer server.Close()
	ctx := context.Background()
	c, err := client.New(server.URL, client.Lang("en"), client.Cache(100))
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := c.Overview(ctx, client.At{AsOf: "2020-07-31"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.Unit.Name.En)
	for _, goal := range o.Goals {
		if j := goal.Judgement; goal.Indicator == "key_projects" {
			fmt.Println(j.Light, j.Actual.Decimal, "of", j.Year.Decimal, "=", j.Share.Percent.Decimal, "%")
		}
	}
	_, err = c.Overview(ctx, client.At{Unit: "999999"})
	var told *client.Error
	if errors.As(err, &told) {
		fmt.Println(told.Code, "·", told.Detail)
	}
	// Output:
	// Anhui Province
	// green 206.11 of 322.75 = 63.86 %
	// not_found · No unit has the code 999999
}
