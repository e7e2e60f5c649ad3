package office

import (
	"fmt"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

// look is how our workbooks look: ink on white, a rule under the heads, and one
// pale yellow that says "write here".
type look struct {
	file *excelize.File
	lang string
	font string

	title, hint, head, must, label, text, date, entry, entryText, entryDate, locked, total, check, section, prose, plainYear int

	numbers      [luoshi.MaxDecimals + 1]int // by decimals
	entryNumbers [luoshi.MaxDecimals + 1]int
	knownNumbers [luoshi.MaxDecimals + 1]int
	totalNumbers [luoshi.MaxDecimals + 1]int
}

const (
	ink   = "1F2933"
	faint = "7B8794"
	rule1 = "CBD2D9"
	paper = "F5F7FA"
	write = "FFF8E1"
)

var fonts = map[string]string{Hans: "微软雅黑", Hant: "微軟正黑體", En: "Calibri"}

// numberFormat groups thousands and keeps the indicator's decimals.
func numberFormat(decimals int) string {
	if decimals == 0 {
		return "#,##0"
	}
	return "#,##0." + "000000"[:decimals]
}

// style is a style to be made, and where its number is kept.
type style struct {
	id *int
	as excelize.Style
}

func newLook(f *excelize.File, lang string) (*look, error) {
	k := &look{file: f, lang: lang, font: fonts[lang]}
	if k.font == "" {
		k.font = fonts[Hans]
	}
	if err := f.SetDefaultFont(k.font); err != nil {
		return nil, fmt.Errorf("set font: %w", err)
	}
	thin := func(sides ...string) (list []excelize.Border) {
		for _, side := range sides {
			list = append(list, excelize.Border{Type: side, Color: rule1, Style: 1})
		}
		return list
	}
	box := thin("left", "right", "top", "bottom")
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	font := func(size float64, color string, bold bool) *excelize.Font {
		return &excelize.Font{Family: k.font, Size: size, Color: color, Bold: bold}
	}
	middle := &excelize.Alignment{Vertical: "center"}
	centred := &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}
	open := &excelize.Protection{Locked: false}
	asText, asDate := "@", "yyyy-mm-dd"
	underHead := append(thin("left", "right", "top"), excelize.Border{Type: "bottom", Color: ink, Style: 2})
	styles := []style{
		{&k.title, excelize.Style{Font: font(16, ink, true), Alignment: middle}},
		{&k.hint, excelize.Style{Font: font(9, faint, false), Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&k.head, excelize.Style{Font: font(10, ink, true), Fill: fill(paper), Border: underHead, Alignment: centred}},
		{&k.must, excelize.Style{Font: font(10, "FFFFFF", true), Fill: fill(ink), Border: underHead, Alignment: centred}},
		{&k.label, excelize.Style{Font: font(10, faint, false), Alignment: middle}},
		{&k.text, excelize.Style{Font: font(10, ink, false), CustomNumFmt: &asText, Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "left", Indent: 1}}},
		{&k.date, excelize.Style{Font: font(10, ink, false), CustomNumFmt: &asDate, Alignment: middle}},
		{&k.entry, excelize.Style{Font: font(10, ink, false), Fill: fill(write), Border: box, Protection: open, Alignment: middle}},
		{&k.entryText, excelize.Style{Font: font(10, ink, false), Fill: fill(write), Border: box, Protection: open, CustomNumFmt: &asText, Alignment: middle}},
		{&k.entryDate, excelize.Style{Font: font(10, ink, false), Fill: fill(write), Border: box, Protection: open, CustomNumFmt: &asDate, Alignment: middle}},
		{&k.locked, excelize.Style{Font: font(10, ink, false), Border: box, CustomNumFmt: &asText, Alignment: middle}},
		{&k.total, excelize.Style{Font: font(10, ink, true), Border: box, Fill: fill(paper), Alignment: middle}},
		{&k.section, excelize.Style{Font: font(12, ink, true), Alignment: middle}},
		{&k.prose, excelize.Style{Font: font(9, ink, false), Border: thin("bottom"), CustomNumFmt: &asText, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&k.plainYear, excelize.Style{Font: font(10, ink, false), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "left"}}},
		{&k.check, excelize.Style{Font: font(10, ink, false), Border: box, Alignment: centred}},
	}
	for d := range k.numbers {
		format := numberFormat(d)
		styles = append(styles,
			style{&k.numbers[d], excelize.Style{Font: font(10, ink, false), CustomNumFmt: &format, Alignment: middle}},
			style{&k.entryNumbers[d], excelize.Style{Font: font(10, ink, false), Fill: fill(write), Border: box, Protection: open, CustomNumFmt: &format, Alignment: middle}},
			style{&k.knownNumbers[d], excelize.Style{Font: font(10, faint, false), Border: box, CustomNumFmt: &format, Alignment: middle}},
			style{&k.totalNumbers[d], excelize.Style{Font: font(10, ink, true), Border: box, Fill: fill(paper), CustomNumFmt: &format, Alignment: middle}})
	}
	return k, k.make(styles)
}

func (k *look) make(styles []style) error {
	for _, s := range styles {
		id, err := k.file.NewStyle(&s.as)
		if err != nil {
			return fmt.Errorf("make style: %w", err)
		}
		*s.id = id
	}
	return nil
}

// page sets a sheet up for A4: one page wide, heads repeated, pages numbered.
func (k *look) page(sheet string, landscape bool) error {
	a4, one, many, orientation := 9, 1, 0, "portrait"
	if landscape {
		orientation = "landscape"
	}
	if err := k.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &one, FitToHeight: &many}); err != nil {
		return fmt.Errorf("set page: %w", err)
	}
	fit := true
	if err := k.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return fmt.Errorf("set page: %w", err)
	}
	side, top, foot := 0.5, 0.6, 0.3
	centre := true
	if err := k.file.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &top, Footer: &foot, Horizontally: &centre}); err != nil {
		return fmt.Errorf("set margins: %w", err)
	}
	if err := k.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: `&L&8&A&R&8&P / &N`}); err != nil {
		return fmt.Errorf("set footer: %w", err)
	}
	return nil
}

// repeat prints the rows of heads on every page.
func (k *look) repeat(sheet string, row int) error {
	err := k.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", sheet, row, row), Scope: sheet})
	if err != nil {
		return fmt.Errorf("repeat heads: %w", err)
	}
	return nil
}
