package main
import ("context";"database/sql";"fmt";"os";"strings";"syscall";"time"; _ "github.com/duckdb/duckdb-go/v2")
func cpu() time.Duration { var u syscall.Rusage; syscall.Getrusage(0,&u); return time.Duration(u.Utime.Nano()+u.Stime.Nano()) }
func main(){
 db,err:=sql.Open("duckdb", os.Args[1]+"?access_mode=read_only&threads=2"); if err!=nil{panic(err)}
 db.SetMaxOpenConns(1)
 b,_:=os.ReadFile(os.Args[2])
 parts:=strings.Split(string(b),"\n---\n")
 ctx:=context.Background()
 var ids []any
 rows,err:=db.Query("SELECT cast(customer_id as varchar) FROM score WHERE version=(select max(version) from score_version) and by_revenue is not null order by hash(customer_id) limit 100"); if err!=nil{panic(err)}
 for rows.Next(){var s string; rows.Scan(&s); ids=append(ids,s)}
 rows.Close()
 for _,p:=range parts{
  name,q,_:=strings.Cut(p,"\n")
  if strings.HasPrefix(name,"!") { if _,err:=db.Exec(q);err!=nil{fmt.Println(err)}; continue }
  run:=func(i int) int { n:=0; rows,err:=db.QueryContext(ctx,strings.ReplaceAll(q,"$ID","'"+ids[i].(string)+"'")); if err!=nil{fmt.Println(name,err);os.Exit(1)}
   cols,_:=rows.Columns(); vals:=make([]any,len(cols)); for i:=range vals{vals[i]=new(any)}
   for rows.Next(){n++; rows.Scan(vals...)}; rows.Close(); return n}
  run(0); c,t:=cpu(),time.Now(); n:=0
  for i:=range 100 { n+=run(i) }
  fmt.Printf("%-50s wall %6.2f cpu %6.2f ms rows %d\n",name,float64(time.Since(t).Microseconds())/1e5,float64((cpu()-c).Microseconds())/1e5,n)
 }
}
