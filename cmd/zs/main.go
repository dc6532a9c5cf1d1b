package main
import ("database/sql";"fmt";"os"; _ "github.com/duckdb/duckdb-go/v2")
func main(){
 db,err:=sql.Open("duckdb", os.Args[1]+"?access_mode=read_only&threads=2"); if err!=nil{panic(err)}
 db.SetMaxOpenConns(1)
 for _,q:=range os.Args[2:] {
 rows,err:=db.Query(q); if err!=nil{fmt.Println(err);continue}
 cols,_:=rows.Columns(); vals:=make([]any,len(cols)); for i:=range vals{vals[i]=new(any)}
 for rows.Next(){rows.Scan(vals...); for _,v:=range vals{ x:=*(v.(*any)); if b,ok:=x.([]byte);ok&&len(b)==16{fmt.Printf("%x ",b)}else{fmt.Print(x," | ")}}; fmt.Println()}
 rows.Close()}
}
